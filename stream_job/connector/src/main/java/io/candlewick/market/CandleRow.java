package io.candlewick.market;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.BigIntType;
import org.apache.flink.table.types.logical.BooleanType;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LocalZonedTimestampType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.VarCharType;

/** The rows of the table {@code candles}. */
public final class CandleRow {

  private static final LogicalType TEXT = new VarCharType(false, VarCharType.MAX_LENGTH);
  private static final LogicalType TIME = new LocalZonedTimestampType(false, 6);
  private static final LogicalType NUMBER =
      new DecimalType(false, SnapshotRows.PRECISION, SnapshotRows.SCALE);
  private static final LogicalType COUNT = new BigIntType(false);
  private static final LogicalType FLAG = new BooleanType(false);

  // Sizes are sums, so they alone can outgrow their column: better the largest number that it
  // holds than a job that fails for ever at one absurd candle.
  private static final BigDecimal LARGEST =
      new BigDecimal(BigInteger.TEN.pow(SnapshotRows.PRECISION).subtract(BigInteger.ONE), 18);

  private static final StringData[] INTERVALS =
      Arrays.stream(Interval.values())
          .map(interval -> StringData.fromString(interval.wireName()))
          .toArray(StringData[]::new);
  private static final StringData STREAM = StringData.fromString("stream");

  private static final RowType ROW_TYPE =
      RowType.of(
          new LogicalType[] {
            TEXT,
            TEXT,
            TIME,
            TEXT,
            NUMBER,
            NUMBER,
            NUMBER,
            NUMBER,
            NUMBER,
            NUMBER.copy(true),
            COUNT,
            FLAG,
            FLAG,
            COUNT,
            TEXT,
            TIME
          },
          new String[] {
            "symbol",
            "interval",
            "bucket_start",
            "source",
            "open",
            "high",
            "low",
            "close",
            "volume",
            "vwap",
            "trade_count",
            "is_final",
            "is_partial",
            "revision",
            "origin",
            "updated_at"
          });

  private CandleRow() {}

  /** The type of the rows, in the order of their columns. */
  public static InternalTypeInfo<RowData> typeInfo() {
    return InternalTypeInfo.of(ROW_TYPE);
  }

  static RowData of(
      String symbol,
      Interval interval,
      long startMillis,
      Candle candle,
      boolean isFinal,
      long revision,
      long nowMillis) {
    GenericRowData row = new GenericRowData(ROW_TYPE.getFieldCount());
    row.setField(0, StringData.fromString(symbol));
    row.setField(1, INTERVALS[interval.ordinal()]);
    row.setField(2, TimestampData.fromEpochMillis(startMillis));
    row.setField(3, StringData.fromString(candle.source()));
    row.setField(4, SnapshotRows.number(candle.open()));
    row.setField(5, SnapshotRows.number(candle.high()));
    row.setField(6, SnapshotRows.number(candle.low()));
    row.setField(7, SnapshotRows.number(candle.close()));
    row.setField(8, size(candle.volume()));
    row.setField(9, SnapshotRows.number(candle.vwap()));
    row.setField(10, candle.tradeCount());
    row.setField(11, isFinal);
    row.setField(12, candle.isPartial());
    row.setField(13, revision);
    row.setField(14, STREAM);
    row.setField(15, TimestampData.fromEpochMillis(nowMillis));
    return row;
  }

  private static DecimalData size(BigDecimal value) {
    return SnapshotRows.number(value.min(LARGEST));
  }
}
