package io.candlewick.market;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.TreeMap;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.streaming.util.OperatorSnapshotUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Snapshots that earlier versions of the operator wrote, which had one-minute candles only. Each
 * holds TRADED, a trade every 20 seconds from 14:00:10 to 14:29:50 on 2024-01-08, QUOTED, a quote
 * at the same times, and QUIET, three trades in the first minute.
 */
class EarlierStateTest {

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void minutesGoOnAndLongerCandlesBeginAsPartialOnes(int version) throws Exception {
    try (CandleHarness candles = restored(version)) {
      Ticks ticks = Ticks.of("TRADED");
      candles.add(ticks.trade("2024-01-08T14:29:55Z", 91, "500", "1"));
      candles.add(ticks.trade("2024-01-08T15:00:10Z", 92, "400", "1"));
      candles.add(ticks.trade("2024-01-09T10:00:00Z", 93, "300", "1"));
      candles.watermark(Instant.parse("2024-01-11T00:00:00Z"));
      TreeMap<String, Row> table = candles.everyInterval();
      assertThat(table.get("TRADED 1m 2024-01-08T14:29:00Z"))
          .returns("500", Row::close)
          .returns(4L, Row::trades)
          .returns(9L, Row::revision)
          .returns(false, Row::isPartial);
      assertThat(table.get("TRADED 5m 2024-01-08T14:15:00Z"))
          .returns(3L, Row::trades)
          .returns(true, Row::isPartial);
      assertThat(table.get("TRADED 5m 2024-01-08T14:20:00Z"))
          .returns(15L, Row::trades)
          .returns(false, Row::isPartial);
      assertThat(table.get("TRADED 1h 2024-01-08T14:00:00Z"))
          .returns("158.25", Row::open)
          .returns(34L, Row::trades)
          .returns(true, Row::isPartial)
          .returns(true, Row::isFinal);
      assertThat(table.get("TRADED 1h 2024-01-08T15:00:00Z")).returns(false, Row::isPartial);
      assertThat(table.get("TRADED 1d 2024-01-08T00:00:00Z")).returns(true, Row::isPartial);
      assertThat(table.get("TRADED 1d 2024-01-09T00:00:00Z")).returns(false, Row::isPartial);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void theLongerCandlesOfASymbolThatIsNotSeenAgainAreFinishedToo(int version) throws Exception {
    try (CandleHarness candles = restored(version)) {
      candles.watermark(Instant.parse("2024-01-11T00:00:00Z"));
      assertThat(candles.everyInterval().get("QUOTED 1h 2024-01-08T14:00:00Z"))
          .returns(true, Row::isFinal)
          .returns(true, Row::isPartial)
          .returns("99", Row::volume);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aSymbolOfWhichNoMinuteIsLeftBeginsWithPartialCandles(int version) throws Exception {
    try (CandleHarness candles = restored(version)) {
      Ticks ticks = Ticks.of("QUIET");
      candles.add(ticks.trade("2024-01-08T14:40:10Z", 91, "5", "1"));
      candles.add(ticks.trade("2024-01-08T15:40:10Z", 92, "5", "1")).passMillis(500);
      TreeMap<String, Row> table = candles.everyInterval();
      assertThat(table.get("QUIET 1m 2024-01-08T14:40:00Z")).returns(false, Row::isPartial);
      assertThat(table.get("QUIET 5m 2024-01-08T14:40:00Z")).returns(false, Row::isPartial);
      assertThat(table.get("QUIET 1h 2024-01-08T14:00:00Z")).returns(true, Row::isPartial);
      assertThat(table.get("QUIET 1h 2024-01-08T15:00:00Z")).returns(false, Row::isPartial);
      assertThat(table.get("QUIET 1d 2024-01-08T00:00:00Z")).returns(true, Row::isPartial);
    }
  }

  /** Version 3 had every interval, and did not know the trading day of what it had summed up. */
  @Test
  void longerCandlesOfTheThirdVersionGoOn() throws Exception {
    try (CandleHarness candles = restored(3)) {
      Ticks ticks = Ticks.of("TRADED");
      candles.add(ticks.trade("2024-01-08T14:30:10Z", 91, "500", "1"));
      candles.watermark(Instant.parse("2024-01-11T00:00:00Z"));
      TreeMap<String, Row> table = candles.everyInterval();
      assertThat(table.get("TRADED 1h 2024-01-08T14:00:00Z"))
          .returns("100.25", Row::open)
          .returns("500", Row::close)
          .returns(91L, Row::trades)
          .returns(true, Row::isFinal);
      assertThat(candles.finalCandles("QUIET", Interval.HOUR))
          .singleElement()
          .returns(LocalDate.parse("2024-01-08").toEpochDay(), row -> row.getField("trading_day"));
    }
  }

  @Test
  void anEventOfTheFirstVersionHasNoSessionEnd() throws Exception {
    MarketEvent event = Ticks.of("A").trade("2024-01-08T14:40:10Z", 1, "5", "1");
    DataOutputSerializer out = new DataOutputSerializer(64);
    new MarketEventSerializer().serialize(event, out);
    byte[] bytes = out.getCopyOfBuffer();
    bytes[0] = 1;
    byte[] first = Arrays.copyOf(bytes, bytes.length - Long.BYTES);
    assertThat(new MarketEventSerializer().deserialize(new DataInputDeserializer(first)))
        .isEqualTo(event);
  }

  private CandleHarness restored(int version) throws Exception {
    String name = "candles-version-" + version + ".snapshot";
    Path file = folder.resolve(name);
    try (InputStream in = getClass().getResourceAsStream(name)) {
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
    }
    return new CandleHarness(OperatorSnapshotUtil.readStateHandle(file.toString()));
  }
}
