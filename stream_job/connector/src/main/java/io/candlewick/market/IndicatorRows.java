package io.candlewick.market;

import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.BigIntType;
import org.apache.flink.table.types.logical.DoubleType;
import org.apache.flink.table.types.logical.LocalZonedTimestampType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.VarCharType;
import org.apache.flink.types.Row;
import org.apache.flink.util.Collector;

/**
 * Turns the values of one candle, which cross from Python in one row, into rows of the table {@code
 * indicators}.
 *
 * <p>What comes in: symbol, interval, bucket_start (microseconds since the epoch, UTC), revision,
 * an array of names and an array of as many values, of which any may be null.
 */
public final class IndicatorRows implements FlatMapFunction<Row, RowData> {

  private static final long serialVersionUID = 1L;

  private static final LogicalType TEXT = new VarCharType(false, VarCharType.MAX_LENGTH);
  private static final LogicalType TIME = new LocalZonedTimestampType(false, 6);

  private static final RowType ROW_TYPE =
      RowType.of(
          new LogicalType[] {TEXT, TEXT, TIME, TEXT, new DoubleType(), new BigIntType(false), TIME},
          new String[] {
            "symbol", "interval", "bucket_start", "name", "value", "revision", "updated_at"
          });

  /** The type of the rows, in the order of their columns. */
  public static InternalTypeInfo<RowData> typeInfo() {
    return InternalTypeInfo.of(ROW_TYPE);
  }

  @Override
  public void flatMap(Row candle, Collector<RowData> out) {
    StringData symbol = StringData.fromString((String) candle.getField(0));
    StringData interval = StringData.fromString((String) candle.getField(1));
    TimestampData start = TimestampData.fromEpochMillis((long) candle.getField(2) / 1000);
    long revision = (long) candle.getField(3);
    Object[] names = (Object[]) candle.getField(4);
    Object[] values = (Object[]) candle.getField(5);
    TimestampData now = TimestampData.fromEpochMillis(System.currentTimeMillis());
    for (int i = 0; i < names.length; i++) {
      GenericRowData row = new GenericRowData(ROW_TYPE.getFieldCount());
      row.setField(0, symbol);
      row.setField(1, interval);
      row.setField(2, start);
      row.setField(3, StringData.fromString((String) names[i]));
      row.setField(4, values[i]);
      row.setField(5, revision);
      row.setField(6, now);
      out.collect(row);
    }
  }
}
