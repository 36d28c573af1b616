package io.candlewick.alerts;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** What the rules of one symbol remember, by their id. */
final class Memories {

  static final long NEVER = Long.MIN_VALUE;

  /** What one rule remembers, as long as the rule does not change. */
  static final class Entry {
    final long ruleVersion;
    final Memory memory;

    /** The start of the newest candle that the rule has decided on, or {@link #NEVER}. */
    long decidedMicros = NEVER;

    private Entry(long ruleVersion, Memory memory) {
      this.ruleVersion = ruleVersion;
      this.memory = memory;
    }
  }

  private final TreeMap<Long, Entry> byRule = new TreeMap<>();

  /** What the rule remembers; nothing, where it is new or has changed. */
  Entry of(SymbolRules.Ready<?> ready) {
    Entry entry = byRule.get(ready.rule().id());
    if (entry == null || entry.ruleVersion != ready.version()) {
      entry = new Entry(ready.version(), ready.condition().begin());
      byRule.put(ready.rule().id(), entry);
    }
    return entry;
  }

  /** Forgets what rules remember that are no longer in force. */
  void retain(SymbolRules inForce) {
    Map<Long, Entry> kept = new TreeMap<>();
    for (AlertRule rule : inForce.rules) {
      Entry entry = byRule.get(rule.id());
      if (entry != null && entry.ruleVersion == rule.version()) {
        kept.put(rule.id(), entry);
      }
    }
    byRule.clear();
    byRule.putAll(kept);
  }

  Memories copy() {
    Memories copy = new Memories();
    byRule.forEach(
        (rule, entry) -> {
          Entry entryCopy = new Entry(entry.ruleVersion, entry.memory.copy());
          entryCopy.decidedMicros = entry.decidedMicros;
          copy.byRule.put(rule, entryCopy);
        });
    return copy;
  }

  void write(DataOutputView out) throws IOException {
    out.writeInt(byRule.size());
    for (Map.Entry<Long, Entry> entry : byRule.entrySet()) {
      out.writeLong(entry.getKey());
      out.writeLong(entry.getValue().ruleVersion);
      out.writeLong(entry.getValue().decidedMicros);
      entry.getValue().memory.write(out);
    }
  }

  static Memories read(DataInputView in) throws IOException {
    Memories memories = new Memories();
    int size = in.readInt();
    for (int i = 0; i < size; i++) {
      long rule = in.readLong();
      long version = in.readLong();
      long decided = in.readLong();
      Entry entry = new Entry(version, Memory.read(in));
      entry.decidedMicros = decided;
      memories.byRule.put(rule, entry);
    }
    return memories;
  }
}
