package io.candlewick.connector.rabbitmq.source.reader;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;

/** What one fetch found, of all splits; bounded in messages and in bytes. */
final class DecodedBatch<T> implements RecordsWithSplitIds<DecodedMessage<T>> {
  private static final int MAX_MESSAGES = 64;
  private static final long MAX_BYTES = 1 << 20;

  private final Map<String, Deque<DecodedMessage<T>>> messages = new LinkedHashMap<>();
  private final Set<String> finished = new HashSet<>();
  private int count;
  private long bytes;
  private Iterator<Map.Entry<String, Deque<DecodedMessage<T>>>> splits;
  private Deque<DecodedMessage<T>> current;

  void add(String splitId, DecodedMessage<T> message, int bodyBytes) {
    messages.computeIfAbsent(splitId, id -> new ArrayDeque<>()).add(message);
    count++;
    bytes += bodyBytes;
  }

  void finish(String splitId) {
    finished.add(splitId);
  }

  boolean isFull() {
    return count >= MAX_MESSAGES || bytes >= MAX_BYTES;
  }

  @Override
  public String nextSplit() {
    if (splits == null) {
      splits = messages.entrySet().iterator();
    }
    if (!splits.hasNext()) {
      return null;
    }
    Map.Entry<String, Deque<DecodedMessage<T>>> next = splits.next();
    current = next.getValue();
    return next.getKey();
  }

  @Override
  public DecodedMessage<T> nextRecordFromSplit() {
    return current.poll();
  }

  @Override
  public Set<String> finishedSplits() {
    return finished;
  }
}
