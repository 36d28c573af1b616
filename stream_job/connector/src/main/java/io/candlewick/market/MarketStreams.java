package io.candlewick.market;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.reader.TextLineInputFormat;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.data.RowData;
import org.apache.flink.types.Row;

/** The steps of the hot path, for the job to put together. */
public final class MarketStreams {

  private MarketStreams() {}

  /**
   * The events of a file in the order of their times, at the end of which every candle is final.
   *
   * @param path a file in which each line is the body of a message
   */
  public static DataStream<MarketEvent> eventsIn(
      StreamExecutionEnvironment environment, String path) {
    FileSource<String> lines =
        FileSource.forRecordStreamFormat(new TextLineInputFormat(), new Path(path)).build();
    return environment
        .fromSource(lines, WatermarkStrategy.noWatermarks(), "lines")
        .flatMap(new EventLines())
        .returns(MarketEventSerializer.typeInfo())
        .assignTimestampsAndWatermarks(
            WatermarkStrategy.<MarketEvent>forMonotonousTimestamps()
                .withTimestampAssigner((event, time) -> event.eventTimeMillis()));
  }

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

  /** The final ones of the candles, and their corrections, as {@link FinalCandle} says. */
  public static DataStream<Row> finalCandles(SingleOutputStreamOperator<RowData> candles) {
    return candles.getSideOutput(FinalCandle.TAG);
  }

  /** Indicators as rows of the table {@code indicators}, from what the Python operator makes. */
  public static SingleOutputStreamOperator<RowData> indicatorRows(DataStream<Row> values) {
    return values.flatMap(new IndicatorRows()).returns(IndicatorRows.typeInfo());
  }
}
