package io.candlewick.market;

import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.table.data.RowData;

/** The steps between the events and the tables, for the job to put together. */
public final class MarketStreams {

  private MarketStreams() {}

  /** Rows of the table {@code snapshots}, one for each trade and quote. */
  public static DataStream<RowData> snapshots(DataStream<MarketEvent> events) {
    return events
        .flatMap(new SnapshotRows())
        .returns(SnapshotRows.typeInfo())
        .name("snapshot rows")
        .uid("snapshot-rows");
  }

  /** Rows of the table {@code candles}: each again whenever it has changed. */
  public static DataStream<RowData> candles(DataStream<MarketEvent> events) {
    return events
        .transform(
            "combine by symbol and minute",
            MinuteEventsSerializer.typeInfo(),
            new CombineOperator())
        .uid("combine")
        .keyBy(MinuteEvents::symbol, Types.STRING)
        .process(new CandleFunction(), CandleRows.typeInfo())
        .name("candles")
        .uid("candles");
  }
}
