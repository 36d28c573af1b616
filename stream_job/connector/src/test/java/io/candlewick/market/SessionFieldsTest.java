package io.candlewick.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonFactory;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an event may say of the venue's session. Its time is 2024-01-08 15:00 UTC. */
class SessionFieldsTest {

  private static final long TIME = 1_704_726_000_000_000L;
  private static final long DAY = 86_400_000_000L;

  @ParameterizedTest
  @ValueSource(longs = {TIME + 21_600_000_000L, TIME + 2 * DAY, TIME - DAY})
  void theSessionEndIsReadAndPassedOn(long sessionEnd) throws Exception {
    MarketEvent event = read("2024-01-08", "\"session_end\":" + sessionEnd);
    assertThat(event.sessionEndMicros()).isEqualTo(sessionEnd);
    DataOutputSerializer out = new DataOutputSerializer(64);
    new MarketEventSerializer().serialize(event, out);
    DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
    assertThat(new MarketEventSerializer().deserialize(in)).isEqualTo(event);
  }

  @Test
  void anEventNeedNotTellTheSessionEnd() throws Exception {
    assertThat(read("2024-01-08", "\"session_end\":null").sessionEndMicros())
        .isEqualTo(MarketEvent.NO_TIME);
  }

  @ParameterizedTest
  @ValueSource(longs = {TIME + 2 * DAY + 1, 0, -1, Long.MAX_VALUE, 946_684_799_999_999L})
  void aSessionEndThatCannotBeIsRefused(long sessionEnd) {
    assertThatThrownBy(() -> read("2024-01-08", "\"session_end\":" + sessionEnd))
        .isInstanceOf(BadEventException.class)
        .hasMessageContaining("session_end is " + sessionEnd);
  }

  @Test
  void aSessionEndIsAWholeNumber() {
    assertThatThrownBy(() -> read("2024-01-08", "\"session_end\":\"21:00\""))
        .isInstanceOf(BadEventException.class)
        .hasMessageContaining("session_end");
  }

  @ParameterizedTest
  @CsvSource({"2023-12-25, true", "2024-01-22, true", "2023-12-24, false", "2024-01-23, false"})
  void theTradingDayIsWithinTwoWeeks(String day, boolean accepted) throws Exception {
    if (accepted) {
      assertThat(read(day, "\"sequence\":1").sequence()).isEqualTo(1);
    } else {
      assertThatThrownBy(() -> read(day, "\"sequence\":1"))
          .isInstanceOf(BadEventException.class)
          .hasMessageContaining("trading_day is " + day);
    }
  }

  private static MarketEvent read(String tradingDay, String field) throws Exception {
    String json =
        """
        {"event_id":"e","source":"s","symbol":"A","kind":"quote","event_time":%d,"ingest_time":%d,
        "trading_day":"%s","price":1,%s}"""
            .formatted(TIME, TIME, tradingDay, field);
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      parser.nextToken();
      return new EventReader(new EventLimits()).read(parser, TIME + DAY);
    }
  }
}
