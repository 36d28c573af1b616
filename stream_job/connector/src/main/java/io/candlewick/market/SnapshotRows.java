package io.candlewick.market;

import java.math.BigDecimal;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.BigIntType;
import org.apache.flink.table.types.logical.DateType;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LocalZonedTimestampType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.VarCharType;
import org.apache.flink.util.Collector;

/** Turns events into rows of the table {@code snapshots}; heartbeats are not kept. */
public final class SnapshotRows implements FlatMapFunction<MarketEvent, RowData> {

  private static final long serialVersionUID = 1L;

  static final int PRECISION = 38;
  static final int SCALE = 18;

  private static final LogicalType TEXT = new VarCharType(false, VarCharType.MAX_LENGTH);
  private static final LogicalType TIME = new LocalZonedTimestampType(false, 6);
  private static final LogicalType NUMBER = new DecimalType(PRECISION, SCALE);

  private static final RowType ROW_TYPE =
      RowType.of(
          new LogicalType[] {
            TEXT,
            TIME,
            TEXT,
            TEXT,
            TEXT,
            TIME,
            new DateType(),
            new BigIntType(),
            NUMBER,
            NUMBER,
            NUMBER,
            NUMBER,
            NUMBER,
            NUMBER,
            NUMBER,
            NUMBER,
            NUMBER,
            NUMBER
          },
          new String[] {
            "symbol",
            "event_time",
            "event_id",
            "source",
            "kind",
            "ingest_time",
            "trading_day",
            "sequence",
            "price",
            "size",
            "day_volume",
            "bid",
            "ask",
            "day_open",
            "day_high",
            "day_low",
            "previous_close",
            "market_cap"
          });

  /** The type of the rows, in the order of their columns. */
  public static InternalTypeInfo<RowData> typeInfo() {
    return InternalTypeInfo.of(ROW_TYPE);
  }

  @Override
  public void flatMap(MarketEvent event, Collector<RowData> out) {
    if (event.kind() == EventKind.HEARTBEAT) {
      return;
    }
    GenericRowData row = new GenericRowData(ROW_TYPE.getFieldCount());
    row.setField(0, StringData.fromString(event.symbol()));
    row.setField(1, time(event.eventTimeMicros()));
    row.setField(2, StringData.fromString(event.eventId()));
    row.setField(3, StringData.fromString(event.source()));
    row.setField(4, StringData.fromString(event.kind().wireName()));
    row.setField(5, time(event.ingestTimeMicros()));
    row.setField(6, event.tradingDay() == MarketEvent.NO_DAY ? null : event.tradingDay());
    row.setField(7, event.sequence() == MarketEvent.NO_SEQUENCE ? null : event.sequence());
    row.setField(8, number(event.price()));
    row.setField(9, number(event.size()));
    row.setField(10, number(event.dayVolume()));
    row.setField(11, number(event.bid()));
    row.setField(12, number(event.ask()));
    row.setField(13, number(event.dayOpen()));
    row.setField(14, number(event.dayHigh()));
    row.setField(15, number(event.dayLow()));
    row.setField(16, number(event.previousClose()));
    row.setField(17, number(event.marketCap()));
    out.collect(row);
  }

  /** A time in microseconds since the epoch, for a row. */
  public static TimestampData time(long micros) {
    long millis = Math.floorDiv(micros, 1000L);
    return TimestampData.fromEpochMillis(millis, (int) (micros - millis * 1000L) * 1000);
  }

  static DecimalData number(BigDecimal value) {
    return value == null ? null : DecimalData.fromBigDecimal(value, PRECISION, SCALE);
  }
}
