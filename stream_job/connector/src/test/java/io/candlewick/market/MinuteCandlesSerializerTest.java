package io.candlewick.market;

import static io.candlewick.market.Events.breakAt;
import static io.candlewick.market.Events.quote;
import static io.candlewick.market.Events.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class MinuteCandlesSerializerTest {

  private final MinuteCandlesSerializer serializer = new MinuteCandlesSerializer();

  @Test
  void whatIsReadIsWhatWasWritten() throws IOException {
    MinuteCandles candles = filled();
    byte[] bytes = bytesOf(candles);
    MinuteCandles read = serializer.deserialize(new DataInputDeserializer(bytes));
    assertThat(bytesOf(read)).isEqualTo(bytes);
    assertThat(rowsOf(read)).isEqualTo(rowsOf(candles)).isNotEmpty();
  }

  @Test
  void aCopySharesNothingWithItsOriginal() throws IOException {
    MinuteCandles candles = filled();
    byte[] before = bytesOf(candles);
    MinuteCandles copy = serializer.copy(candles);
    copy.add(Events.minute(trade(130, 9, "77", "1"), quote(131, "78", "900")));
    copy.settle(Long.MAX_VALUE);
    assertThat(bytesOf(candles)).isEqualTo(before);
  }

  @Test
  void whatALaterVersionWroteIsRefused() throws IOException {
    byte[] bytes = bytesOf(filled());
    bytes[0] = 99;
    assertThatThrownBy(() -> serializer.deserialize(new DataInputDeserializer(bytes)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("written as version 99");
  }

  private static MinuteCandles filled() {
    MinuteCandles candles = new MinuteCandles();
    add(candles, trade(1, 1, "10.25", "0.000000000000000001"), breakAt(2));
    add(candles, quote(70, "11", "123456789012345678.123456789"));
    candles.settle(Events.NOON_MILLIS);
    add(candles, trade(130, 3, "12", "99999999999999999999"), quote(131, "7", "8"));
    candles.writtenAtMillis = 7;
    return candles;
  }

  private static void add(MinuteCandles candles, MarketEvent... events) {
    candles.longer.open(candles.add(Events.minute(events)).events, candle -> {});
  }

  private byte[] bytesOf(MinuteCandles candles) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    serializer.serialize(candles, out);
    return out.getCopyOfBuffer();
  }

  private List<String> rowsOf(MinuteCandles candles) {
    List<String> rows = new ArrayList<>();
    candles
        .copy()
        .write(
            (interval, startMillis, candle, isFinal, revision) ->
                rows.add(
                    interval + " " + startMillis + " " + candle + " " + isFinal + " " + revision));
    return rows;
  }
}
