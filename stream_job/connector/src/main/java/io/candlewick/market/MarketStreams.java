package io.candlewick.market;

import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.table.data.RowData;

/** The steps of the hot path, for the job to put together. */
public final class MarketStreams {

  private MarketStreams() {}

  /** Events as rows of the table {@code snapshots}. */
  public static SingleOutputStreamOperator<RowData> snapshotRows(DataStream<MarketEvent> events) {
    return events.flatMap(new SnapshotRows()).returns(SnapshotRows.typeInfo());
  }

  /** Events combined per symbol and minute, in the chain of the stream they come from. */
  public static SingleOutputStreamOperator<MinuteEvents> combined(DataStream<MarketEvent> events) {
    return events.transform("combine", MinuteEventsSerializer.typeInfo(), new CombineOperator());
  }

  /** Candles as rows of the table {@code candles}: unfinished, final and corrected ones. */
  public static SingleOutputStreamOperator<RowData> candles(DataStream<MinuteEvents> minutes) {
    return minutes
        .keyBy(MinuteEvents::symbol, Types.STRING)
        .process(new CandleFunction(), CandleRow.typeInfo());
  }
}
