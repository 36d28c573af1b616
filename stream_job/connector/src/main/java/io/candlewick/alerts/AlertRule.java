package io.candlewick.alerts;

import io.candlewick.market.Wire;
import java.io.IOException;
import java.util.Objects;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * A rule as the table {@code alert_rules} has it. Two that differ in anything are two rules: what
 * the one remembered is nothing to the other.
 *
 * @param interval the candles that it reads, or null where it reads events
 * @param parameters JSON, whose meaning depends on the kind
 * @param updatedAtMicros microseconds since the epoch, UTC
 */
record AlertRule(
    long id, String symbol, String kind, String interval, String parameters, long updatedAtMicros) {

  /** Tells this rule from what it was before a change; the same in every process. */
  long version() {
    return 31 * updatedAtMicros + Objects.hash(symbol, kind, interval, parameters);
  }

  void write(DataOutputView out) throws IOException {
    out.writeLong(id);
    Wire.writeText(symbol, out);
    Wire.writeText(kind, out);
    Wire.writeText(interval, out);
    Wire.writeText(parameters, out);
    out.writeLong(updatedAtMicros);
  }

  static AlertRule read(DataInputView in) throws IOException {
    return new AlertRule(
        in.readLong(),
        Wire.readText(in),
        Wire.readText(in),
        Wire.readText(in),
        Wire.readText(in),
        in.readLong());
  }
}
