package io.candlewick.alerts;

import io.candlewick.market.MarketEvent;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.data.RowData;
import org.apache.flink.types.Row;

/**
 * The steps from events and candles to rows of {@code alert_events}, for the job to put together.
 */
public final class AlertStreams {

  private AlertStreams() {}

  /** The rules in force, and every change of them; ends with the first where it is bounded. */
  public static SingleOutputStreamOperator<RuleSet> rules(
      StreamExecutionEnvironment environment, RuleDatabase database, boolean isBounded) {
    return environment
        .fromSource(
            new AlertRulesSource(database, isBounded),
            WatermarkStrategy.noWatermarks(),
            "alert rules",
            RuleSetSerializer.typeInfo())
        .setParallelism(1)
        .setMaxParallelism(1);
  }

  /** The events of symbols with rules on events, in the chain of the stream they come from. */
  public static SingleOutputStreamOperator<MarketEvent> watched(
      DataStream<MarketEvent> events, RuleDatabase database) {
    return events.filter(new WatchedEvents(database));
  }

  /** The alerts that events make. */
  public static SingleOutputStreamOperator<RowData> priceAlerts(
      DataStream<MarketEvent> watched, DataStream<RuleSet> rules, Duration outOfOrderness) {
    return watched
        .keyBy(MarketEvent::symbol, Types.STRING)
        .connect(rules.broadcast())
        .transform(
            "price alerts",
            AlertRow.typeInfo(),
            new PriceAlertOperator(new PriceAlertFunction(outOfOrderness)));
  }

  /** The alerts that final candles and their indicators make. */
  public static SingleOutputStreamOperator<RowData> candleAlerts(
      DataStream<Row> finalCandles, DataStream<Row> indicators, DataStream<RuleSet> rules) {
    return finalCandles
        .map(CandleValues::ofFinalCandle)
        .returns(CandleValuesSerializer.typeInfo())
        .name("volumes of candles")
        .union(
            indicators
                .map(CandleValues::ofIndicators)
                .returns(CandleValuesSerializer.typeInfo())
                .name("indicators of candles"))
        .keyBy(CandleValues::symbol, Types.STRING)
        .connect(rules.broadcast(RulesInForce.STATE))
        .process(new CandleAlertFunction(), AlertRow.typeInfo());
  }

  /** The alerts of both, as rows of one stream. */
  public static DataStream<RowData> together(DataStream<RowData> some, DataStream<RowData> others) {
    return some.union(others);
  }
}
