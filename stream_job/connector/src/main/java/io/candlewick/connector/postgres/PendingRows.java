package io.candlewick.connector.postgres;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.data.RowData;

/**
 * The rows of the next batch, encoded at once, since Flink may use a row again.
 *
 * <p>With a guard only the winner of each key is kept: an upsert must not meet a key twice.
 */
final class PendingRows {

  private record Guarded(long guard, byte[] row) {}

  private final CopyRowEncoder encoder;
  private final List<Integer> key;
  private final int guard;
  private final CopyBuffer batch = new CopyBuffer();
  private final CopyBuffer scratch = new CopyBuffer();
  private final Map<String, Guarded> byKey = new LinkedHashMap<>();
  private int rows;

  PendingRows(CopyTarget target, CopyRowEncoder encoder) {
    this.encoder = encoder;
    this.key = target.key().stream().map(target.columns()::indexOf).toList();
    this.guard = target.isGuarded() ? target.columns().indexOf(target.guard()) : -1;
  }

  int size() {
    return guard < 0 ? rows : byKey.size();
  }

  void add(RowData row) {
    if (guard < 0) {
      encoder.encode(row, batch);
      rows++;
      return;
    }
    String keyText = keyOf(row);
    long revision = row.getLong(guard);
    Guarded present = byKey.get(keyText);
    if (present == null || revision >= present.guard()) {
      scratch.clear();
      encoder.encode(row, scratch);
      byKey.put(keyText, new Guarded(revision, scratch.toByteArray()));
    }
  }

  /** The batch in COPY format; it stays until {@link #clear}. */
  CopyBuffer encoded() {
    if (guard >= 0) {
      batch.clear();
      byKey.values().forEach(entry -> batch.put(entry.row()));
    }
    return batch;
  }

  void clear() {
    batch.clear();
    byKey.clear();
    rows = 0;
  }

  private String keyOf(RowData row) {
    scratch.clear();
    for (int position : key) {
      encoder.encodeField(row, position, scratch);
    }
    // Each field begins with its length, so no two keys have the same bytes.
    return new String(scratch.array(), 0, scratch.length(), StandardCharsets.ISO_8859_1);
  }
}
