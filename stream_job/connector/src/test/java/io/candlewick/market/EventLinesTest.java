package io.candlewick.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventLinesTest {

  private static final String EVENT =
      """
      {"event_id": "t:A:1", "source": "t", "symbol": "A", "kind": "trade", "event_time": 1704724625000001,\
       "ingest_time": 1704724625000002, "trading_day": "2024-01-08", "price": %s, "size": 1}""";

  private final EventLines lines = new EventLines();
  private final List<MarketEvent> events = new ArrayList<>();

  @BeforeEach
  void open() {
    lines.open(new OpenContext() {});
  }

  @Test
  void aLineHoldsAnArrayOfEvents() throws Exception {
    String line = "[" + EVENT.formatted("1.5") + "," + EVENT.formatted("2.5") + "]";
    lines.flatMap(line, new ListCollector<>(events));
    assertThat(events).extracting(event -> event.price().toString()).containsExactly("1.5", "2.5");
  }

  @Test
  void aBadEventEndsTheReadingAndIsNamed() {
    String line = "[" + EVENT.formatted("-1") + "]";
    assertThatThrownBy(() -> lines.flatMap(line, new ListCollector<>(events)))
        .hasMessageContaining("price")
        .hasMessageContaining("t:A:1");
  }
}
