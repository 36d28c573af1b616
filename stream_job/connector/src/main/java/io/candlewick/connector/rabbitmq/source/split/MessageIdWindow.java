package io.candlewick.connector.rabbitmq.source.split;

import java.util.LinkedHashSet;
import java.util.Set;

/** The last ids of a queue, oldest first; it never holds more than its capacity. */
public final class MessageIdWindow {
  private final int capacity;
  private final Set<MessageId> ids = new LinkedHashSet<>();

  /**
   * Makes a window.
   *
   * @param capacity how many ids it remembers; 0 for none
   * @param snapshot what {@link #snapshot} gave, or an empty array
   */
  public MessageIdWindow(int capacity, long[] snapshot) {
    this.capacity = capacity;
    for (int i = 0; i < snapshot.length; i += 2) {
      add(new MessageId(snapshot[i], snapshot[i + 1]));
    }
  }

  /** Remembers an id, and says whether it is new. Null is always new, and is not remembered. */
  public boolean add(MessageId id) {
    if (id == null || capacity == 0) {
      return true;
    }
    if (!ids.add(id)) {
      return false;
    }
    if (ids.size() > capacity) {
      var oldest = ids.iterator();
      oldest.next();
      oldest.remove();
    }
    return true;
  }

  /** The ids in order, two numbers each. */
  public long[] snapshot() {
    long[] snapshot = new long[ids.size() * 2];
    int i = 0;
    for (MessageId id : ids) {
      snapshot[i++] = id.high();
      snapshot[i++] = id.low();
    }
    return snapshot;
  }
}
