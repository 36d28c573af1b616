package io.candlewick.alerts;

import io.candlewick.market.Wire;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * The lowest and the highest price of a window that moves with the newest price, and whether a move
 * of either direction is still to be told.
 *
 * <p>Of the window it keeps only prices that can become its lowest or highest: those with no lower
 * one, or no higher one, after them.
 */
final class MoveWindow implements Memory {

  private record Price(long timeMicros, BigDecimal price) {}

  private final Deque<Price> lows;
  private final Deque<Price> highs;
  boolean upArmed = true;
  boolean downArmed = true;

  MoveWindow() {
    this(new ArrayDeque<>(), new ArrayDeque<>());
  }

  private MoveWindow(Deque<Price> lows, Deque<Price> highs) {
    this.lows = lows;
    this.highs = highs;
  }

  /** Adds the newest price, and lets go of those before {@code fromMicros}. */
  void add(long timeMicros, BigDecimal price, long fromMicros) {
    while (!lows.isEmpty() && lows.peekLast().price().compareTo(price) >= 0) {
      lows.removeLast();
    }
    while (!highs.isEmpty() && highs.peekLast().price().compareTo(price) <= 0) {
      highs.removeLast();
    }
    Price newest = new Price(timeMicros, price);
    lows.addLast(newest);
    highs.addLast(newest);
    while (lows.peekFirst().timeMicros() < fromMicros) {
      lows.removeFirst();
    }
    while (highs.peekFirst().timeMicros() < fromMicros) {
      highs.removeFirst();
    }
  }

  BigDecimal lowest() {
    return lows.peekFirst().price();
  }

  BigDecimal highest() {
    return highs.peekFirst().price();
  }

  @Override
  public MoveWindow copy() {
    MoveWindow copy = new MoveWindow(new ArrayDeque<>(lows), new ArrayDeque<>(highs));
    copy.upArmed = upArmed;
    copy.downArmed = downArmed;
    return copy;
  }

  @Override
  public void write(DataOutputView out) throws IOException {
    out.writeByte(MOVE_WINDOW);
    write(lows, out);
    write(highs, out);
    out.writeBoolean(upArmed);
    out.writeBoolean(downArmed);
  }

  static MoveWindow read(DataInputView in) throws IOException {
    MoveWindow window = new MoveWindow(readPrices(in), readPrices(in));
    window.upArmed = in.readBoolean();
    window.downArmed = in.readBoolean();
    return window;
  }

  private static void write(Deque<Price> prices, DataOutputView out) throws IOException {
    out.writeInt(prices.size());
    for (Price price : prices) {
      out.writeLong(price.timeMicros());
      Wire.writeDecimal(price.price(), out);
    }
  }

  private static Deque<Price> readPrices(DataInputView in) throws IOException {
    int size = in.readInt();
    Deque<Price> prices = new ArrayDeque<>();
    for (int i = 0; i < size; i++) {
      prices.addLast(new Price(in.readLong(), Wire.readDecimal(in)));
    }
    return prices;
  }
}
