package io.candlewick.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlewick.connector.rabbitmq.source.reader.StreamDeserializationSchema;
import io.candlewick.connector.rabbitmq.source.reader.StreamMessage;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MarketEventSchemaTest {

  private static final String TRADE =
      """
      {"event_id":"v:BTC-USD:7","source":"v","symbol":"BTC-USD","kind":"trade",\
      "event_time":1723204800123456,"ingest_time":1723204800000001,"trading_day":"2024-08-09",\
      "sequence":7,"price":60000.10,"size":0.00000001}""";

  private final MarketEventSchema schema = new MarketEventSchema();
  private final List<MarketEvent> events = new ArrayList<>();
  private final List<Long> times = new ArrayList<>();
  private final TreeMap<Integer, String> rejected = new TreeMap<>();
  private final TreeMap<Integer, String> reasons = new TreeMap<>();

  @BeforeEach
  void open() {
    schema.open(null);
  }

  @Test
  void everyFieldOfATradeIsRead() throws IOException {
    decode("[" + TRADE + "]");
    MarketEvent event = events.get(0);
    assertThat(event.eventId()).isEqualTo("v:BTC-USD:7");
    assertThat(event.source()).isEqualTo("v");
    assertThat(event.symbol()).isEqualTo("BTC-USD");
    assertThat(event.kind()).isEqualTo(EventKind.TRADE);
    assertThat(event.eventTimeMicros()).isEqualTo(1_723_204_800_123_456L);
    assertThat(event.ingestTimeMicros()).isEqualTo(1_723_204_800_000_001L);
    assertThat(event.tradingDay()).isEqualTo(Events.DAY);
    assertThat(event.sequence()).isEqualTo(7);
    assertThat(event.price()).isEqualTo(new BigDecimal("60000.10"));
    assertThat(event.size()).isEqualTo(new BigDecimal("0.00000001"));
    assertThat(times).containsExactly(1_723_204_800_123L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "0.1",
        "123456789012345678",
        "0.000000000000000001",
        "99999999999999999999.999999999999999999",
        "123456789.123456789123456789",
        "1e3",
        "1.5E-8",
        "2.5000000000000000000000"
      })
  void pricesAreExact(String price) throws IOException {
    decode("[" + TRADE.replace("60000.10", price) + "]");
    assertThat(events.get(0).price()).isEqualByComparingTo(new BigDecimal(price));
    assertThat(events.get(0).price().scale()).isBetween(0, 18);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "price":60000.10        | "price":-1            | price is -1: it must be greater than 0.
          "price":60000.10        | "price":0             | price is 0: it must be greater than 0.
          "price":60000.10        | "price":NaN           | price is NaN: it is not a finite number.
          "price":60000.10        | "price":"60000.10"    | price is "60000.10": it must be a number.
          "price":60000.10        | "price":null          | price is absent: every trade and quote has one.
          "price":60000.10        | "price":{"a":[1]}     | price is an object or array: it must be a number.
          "price":60000.10        | "price":1e30          | price is 1e30: at most 20 digits may stand before the point.
          "price":60000.10        | "price":1e-19         | price is 1e-19: at most 18 digits may stand after the point.
          "price":60000.10        | "price":1e999999999   | price is 1e999999999: at most 20 digits may stand before the point.
          "size":0.00000001       | "size":-0.5           | size is -0.5: it must not be negative.
          "size":0.00000001       | "other":1             | size is absent: every trade has one.
          "symbol":"BTC-USD"      | "symbol":"btc"        | symbol is "btc": it must be 1 to 64 characters of A-Z, 0-9 and . - _ / : ^ =.
          "symbol":"BTC-USD"      | "symbol":null         | symbol is absent: only a heartbeat has none.
          "kind":"trade"          | "kind":"bar"          | kind is "bar": it must be trade, quote, heartbeat or break.
          1723204800123456        | 0                     | event_time is 0: it must be in microseconds since 1970, from the year 2000 to five minutes from now.
          1723204800123456        | 7258118400000000      | event_time is 7258118400000000: it must be in microseconds since 1970, from the year 2000 to five minutes from now.
          1723204800123456        | 1723204800.5          | event_time is 1723204800.5: it must be a whole number.
          1723204800123456        | 123456789012345678901234 | event_time is 123456789012345678901234: it is out of range.
          "trading_day":"2024-08-09" | "trading_day":"9 August" | trading_day is "9 August": it must be a date as 2024-08-09.
          "event_id":"v:BTC-USD:7" | "event_id":"a\\u0000" | event_id is "a?": it must be 1 to 256 characters, none of them a control character.
          """)
  void aBadEventIsRefusedWithItsReason(String good, String bad, String reason) throws IOException {
    String event = TRADE.replace(good, bad);
    assertThat(event).isNotEqualTo(TRADE);
    decode("[" + TRADE + ", " + event + " ," + TRADE + "]");
    assertThat(events).hasSize(2);
    assertThat(reasons).containsExactly(Map.entry(1, reason));
    assertThat(rejected).containsExactly(Map.entry(1, event));
  }

  @Test
  void whatIsNoObjectIsRefusedAlone() throws IOException {
    decode("[" + TRADE + ",7,[1,[2]],\"x\",null," + TRADE + "]");
    assertThat(events).hasSize(2);
    assertThat(rejected)
        .containsExactlyInAnyOrderEntriesOf(Map.of(1, "7", 2, "[1,[2]]", 3, "\"x\"", 4, "null"));
  }

  @Test
  void aSymbolOfTenKilobytesIsCutInItsReason() throws IOException {
    decode("[" + TRADE.replace("BTC-USD\",\"kind", "X".repeat(10_000) + "\",\"kind") + "]");
    assertThat(reasons.get(0)).startsWith("symbol is \"XXX").hasSizeLessThan(200);
  }

  @Test
  void aNumberOfThousandsOfDigitsIsRefusedAlone() throws IOException {
    decode("[" + TRADE + "," + TRADE.replace("60000.10", "1".repeat(5_000)) + "]");
    assertThat(events).hasSize(1);
    assertThat(reasons.get(1)).startsWith("price is 111").contains("at most 38 digits");
  }

  @Test
  void oneBadEventOfFiveHundredLeavesTheOthers() throws IOException {
    String batch =
        IntStream.range(0, 500)
            .mapToObj(i -> i == 321 ? TRADE.replace("60000.10", "-1") : TRADE)
            .collect(Collectors.joining(","));
    decode("[" + batch + "]");
    assertThat(events).hasSize(499);
    assertThat(rejected).containsOnlyKeys(321);
  }

  @Test
  void unknownFieldsAreIgnored() throws IOException {
    decode("[" + TRADE.replace("\"sequence\"", "\"venue\":{\"a\":[1,{}]},\"sequence\"") + "]");
    assertThat(events).hasSize(1);
  }

  @Test
  void aHeartbeatNeedsATimeAlone() throws IOException {
    decode("[{\"kind\":\"heartbeat\",\"symbol\":null,\"event_time\":1723204800123456}]");
    assertThat(events.get(0).kind()).isEqualTo(EventKind.HEARTBEAT);
    assertThat(times).containsExactly(1_723_204_800_123L);
  }

  @Test
  void aBreakNeedsNoPrice() throws IOException {
    decode("[" + TRADE.replace("trade", "break").replace("\"price\":60000.10,", "") + "]");
    assertThat(events.get(0).kind()).isEqualTo(EventKind.BREAK);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{}", "[]", "[1", "nonsense", "[{\"kind\":\"trade\"", "[{}] x", "[{},]"})
  void whatIsNoArrayOfEventsIsRefusedAsAWhole(String body) {
    assertThatThrownBy(() -> decode(body)).isInstanceOf(IOException.class);
  }

  @Test
  void moreThanFiveHundredEventsAreRefusedAsAWhole() {
    String batch = "[" + (TRADE + ",").repeat(500) + TRADE + "]";
    assertThatThrownBy(() -> decode(batch)).hasMessageContaining("more than 500 events");
  }

  @Test
  void anEventSurvivesItsSerializer() throws IOException {
    decode("[" + TRADE.replace("0.00000001", "99999999999999999999.000000000000000001") + "]");
    MarketEventSerializer serializer = new MarketEventSerializer();
    DataOutputSerializer out = new DataOutputSerializer(64);
    serializer.serialize(events.get(0), out);
    assertThat(serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer())))
        .isEqualTo(events.get(0));
  }

  private void decode(String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    schema.deserialize(
        new StreamMessage("q", 0, "m", bytes),
        new StreamDeserializationSchema.Output<>() {
          @Override
          public void collect(MarketEvent element, long eventTimeMillis) {
            events.add(element);
            times.add(eventTimeMillis);
          }

          @Override
          public void reject(int index, byte[] element, String reason) {
            rejected.put(index, new String(element, StandardCharsets.UTF_8));
            reasons.put(index, reason);
          }
        });
  }
}
