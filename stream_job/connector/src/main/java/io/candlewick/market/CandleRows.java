package io.candlewick.market;

import java.math.BigDecimal;
import java.math.RoundingMode;
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

/** Rows of the table {@code candles}. */
final class CandleRows {

  private static final LogicalType TEXT = new VarCharType(false, VarCharType.MAX_LENGTH);
  private static final LogicalType TIME = new LocalZonedTimestampType(false, 6);
  private static final LogicalType NUMBER =
      new DecimalType(false, SnapshotRows.PRECISION, SnapshotRows.SCALE);

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
            new BigIntType(false),
            new BooleanType(false),
            new BooleanType(false),
            new BigIntType(false),
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

  private static final StringData MINUTE = StringData.fromString("1m");
  private static final StringData STREAM = StringData.fromString("stream");

  private CandleRows() {}

  static InternalTypeInfo<RowData> typeInfo() {
    return InternalTypeInfo.of(ROW_TYPE);
  }

  /** The row of a candle that has a price. */
  static RowData row(MinuteCandle candle, boolean isFinal, long revision, long nowMillis) {
    MinuteEvents events = candle.events;
    PriceRange prices = candle.prices();
    return GenericRowData.of(
        StringData.fromString(events.symbol),
        MINUTE,
        TimestampData.fromEpochMillis(events.startMillis),
        StringData.fromString(prices.source),
        SnapshotRows.number(prices.open),
        SnapshotRows.number(prices.high),
        SnapshotRows.number(prices.low),
        SnapshotRows.number(prices.close),
        SnapshotRows.number(candle.volume),
        SnapshotRows.number(vwap(events)),
        events.tradeCount,
        isFinal,
        candle.isPartial,
        revision,
        STREAM,
        TimestampData.fromEpochMillis(nowMillis));
  }

  /** Sum of price × size over the sum of sizes; null where nothing has a size. */
  private static BigDecimal vwap(MinuteEvents events) {
    return events.volume.signum() == 0
        ? null
        : events.turnover.divide(events.volume, SnapshotRows.SCALE, RoundingMode.HALF_EVEN);
  }
}
