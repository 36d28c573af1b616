package io.candlewick.market;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.TreeMap;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.table.data.RowData;

/** The candle operator alone, with clocks that tests move. */
final class CandleHarness implements AutoCloseable {

  private final KeyedOneInputStreamOperatorTestHarness<String, MinuteEvents, RowData> harness;
  private final TreeMap<String, Row> table = new TreeMap<>();
  private int read;
  private long clock;

  CandleHarness() throws Exception {
    this(null);
  }

  CandleHarness(OperatorSubtaskState snapshot) throws Exception {
    harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(new CandleFunction()), MinuteEvents::symbol, Types.STRING);
    harness.setup(
        CandleRow.typeInfo().createSerializer(harness.getExecutionConfig().getSerializerConfig()));
    if (snapshot != null) {
      harness.initializeState(snapshot);
    }
    harness.open();
    passMillis(1_000_000);
  }

  CandleHarness add(MarketEvent... events) throws Exception {
    return add(Events.minute(events));
  }

  CandleHarness add(MinuteEvents minute) throws Exception {
    harness.processElement(new StreamRecord<>(minute));
    return this;
  }

  /** Moves the watermark to a second after noon. */
  CandleHarness watermark(double second) throws Exception {
    harness.processWatermark(Events.NOON_MILLIS + Math.round(second * 1000) - 1);
    return this;
  }

  CandleHarness passMillis(long millis) throws Exception {
    clock += millis;
    harness.setProcessingTime(clock);
    return this;
  }

  OperatorSubtaskState snapshot() throws Exception {
    return harness.snapshot(1, 1);
  }

  /** The rows of one-minute candles written since the last call. */
  List<Row> written() {
    List<Row> all = rows(Interval.MINUTE);
    List<Row> fresh = new ArrayList<>(all.subList(read, all.size()));
    read = all.size();
    return fresh;
  }

  Row onlyWritten() {
    List<Row> rows = written();
    if (rows.size() != 1) {
      throw new AssertionError("One row was expected, and these were written: " + rows);
    }
    return rows.get(0);
  }

  /** What a table guarded by revision holds of the one-minute candles that were written. */
  TreeMap<String, Row> table() {
    return merge(table);
  }

  /** Applies what was written to a table that has rows already. */
  TreeMap<String, Row> merge(TreeMap<String, Row> into) {
    for (Row row : rows(Interval.MINUTE)) {
      into.merge(row.minute(), row, (old, next) -> next.revision() > old.revision() ? next : old);
    }
    return into;
  }

  /** Every row of an interval that was written, in the order of writing. */
  List<Row> rows(Interval interval) {
    return harness.extractOutputStreamRecords().stream()
        .map(StreamRecord::getValue)
        .filter(row -> row.getString(1).toString().equals(interval.wireName()))
        .map(Row::of)
        .toList();
  }

  /** What went to the side output of final candles for a symbol and interval, in that order. */
  List<org.apache.flink.types.Row> finalCandles(String symbol, Interval interval) {
    Queue<StreamRecord<org.apache.flink.types.Row>> output = harness.getSideOutput(FinalCandle.TAG);
    return output == null
        ? List.of()
        : output.stream()
            .map(StreamRecord::getValue)
            .filter(row -> symbol.equals(row.getField(0)))
            .filter(row -> interval.wireName().equals(row.getField(1)))
            .toList();
  }

  /** What a table guarded by revision holds of all intervals, by {@link #key}. */
  TreeMap<String, Row> everyInterval() {
    return mergeEveryInterval(new TreeMap<>());
  }

  /** Applies what was written of all intervals to a table that has rows already. */
  TreeMap<String, Row> mergeEveryInterval(TreeMap<String, Row> into) {
    harness.extractOutputStreamRecords().stream()
        .map(StreamRecord::getValue)
        .forEach(
            row ->
                into.merge(
                    key(
                        row.getString(0).toString(),
                        row.getString(1).toString(),
                        row.getTimestamp(2, 6).toInstant()),
                    Row.of(row),
                    (old, next) -> next.revision() > old.revision() ? next : old));
    return into;
  }

  static String key(String symbol, String interval, Instant start) {
    return symbol + " " + interval + " " + start;
  }

  CandleHarness watermark(Instant moment) throws Exception {
    harness.processWatermark(moment.toEpochMilli() - 1);
    return this;
  }

  @Override
  public void close() throws Exception {
    harness.close();
  }
}
