package io.candlewick.alerts;

import io.candlewick.market.MarketEvent;
import java.util.List;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.table.data.RowData;

/** Runs a {@link PriceAlertFunction}, and tells it whether the events' source is idle. */
final class PriceAlertOperator
    extends CoBroadcastWithKeyedOperator<String, MarketEvent, RuleSet, RowData> {

  private static final long serialVersionUID = 1L;
  private static final int EVENTS = 0;

  PriceAlertOperator(PriceAlertFunction function) {
    super(function, List.of(RulesInForce.STATE));
  }

  @Override
  protected void processWatermarkStatus(WatermarkStatus status, int input) throws Exception {
    if (input == EVENTS) {
      ((PriceAlertFunction) userFunction).setIdle(status.isIdle());
    }
    super.processWatermarkStatus(status, input);
  }
}
