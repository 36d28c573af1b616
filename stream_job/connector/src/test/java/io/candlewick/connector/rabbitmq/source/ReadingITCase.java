package io.candlewick.connector.rabbitmq.source;

import static io.candlewick.connector.rabbitmq.source.StreamJobs.collect;
import static io.candlewick.connector.rabbitmq.source.StreamJobs.counter;
import static io.candlewick.connector.rabbitmq.source.StreamJobs.environment;
import static io.candlewick.connector.rabbitmq.source.StreamJobs.numbers;
import static io.candlewick.connector.rabbitmq.source.StreamJobs.readAll;
import static io.candlewick.connector.rabbitmq.source.StreamJobs.source;
import static io.candlewick.connector.rabbitmq.source.StreamJobs.stream;
import static io.candlewick.connector.rabbitmq.source.StreamJobs.take;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlewick.connector.rabbitmq.TestBroker;
import io.candlewick.connector.rabbitmq.source.metrics.StreamSplitMetrics;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ReadingITCase {
  private static final InMemoryReporter REPORTER = InMemoryReporter.createWithRetainedMetrics();

  @RegisterExtension static final MiniClusterExtension CLUSTER = StreamJobs.cluster(REPORTER);
  @RegisterExtension final TestBroker broker = new TestBroker();

  @Test
  void everyMessageIsReadInTheOrderOfItsQueue() throws Exception {
    String first = broker.newStream();
    String second = broker.newStream();
    broker.publish(first, numbers(0, 500));
    broker.publish(second, numbers(500, 1000));

    List<String> read = collect(stream(environment(2, 0), source(first, second).setBounded(true)));

    assertThat(read).hasSize(1000);
    assertThat(read)
        .filteredOn(number -> Integer.parseInt(number) < 500)
        .isEqualTo(numbers(0, 500));
    assertThat(read)
        .filteredOn(number -> Integer.parseInt(number) >= 500)
        .isEqualTo(numbers(500, 1000));
  }

  @Test
  void aBoundedJobEndsAtOnceWhereThereIsNothing() throws Exception {
    assertThat(readAll(source(broker.newStream()))).isEmpty();
  }

  @Test
  void anOffsetIsTheFirstMessageRead() throws Exception {
    String queue = broker.newStream();
    broker.publish(queue, numbers(0, 10));
    assertThat(readAll(source(queue).setStartingOffsets(StartingOffsets.offset(7))))
        .containsExactly("7", "8", "9");
  }

  @Test
  void anOffsetBehindTheEndLeavesNothingToRead() throws Exception {
    String queue = broker.newStream();
    broker.publish(queue, numbers(0, 10));
    assertThat(readAll(source(queue).setStartingOffsets(StartingOffsets.offset(10)))).isEmpty();
  }

  @Test
  void lastIsTheLastChunk() throws Exception {
    String queue = broker.newStream();
    broker.publish(queue, "old");
    broker.publish(queue, "new");
    assertThat(readAll(source(queue).setStartingOffsets(StartingOffsets.last())))
        .containsExactly("new");
  }

  @Test
  void aTimestampLeavesOutWhatWasPublishedBefore() throws Exception {
    String queue = broker.newStream();
    broker.publish(queue, "old");
    Thread.sleep(2_100); // the broker compares whole seconds
    long between = System.currentTimeMillis() - 1_000;
    broker.publish(queue, "new");
    assertThat(readAll(source(queue).setStartingOffsets(StartingOffsets.timestamp(between))))
        .containsExactly("new");
  }

  @Test
  void nextIsWhatIsPublishedAfterTheStart() throws Exception {
    String queue = broker.newStream();
    broker.publish(queue, "old");
    try (CloseableIterator<String> read =
        stream(environment(1, 0), source(queue).setStartingOffsets(StartingOffsets.next()))
            .executeAndCollect()) {
      StreamJobs.await("the queue is subscribed to", () -> StreamJobs.hasMetrics(REPORTER, queue));
      broker.publish(queue, "new");
      assertThat(take(read, 1)).containsExactly("new");
    }
  }

  @Test
  void aQueueThatDoesNotExistYetIsWaitedFor() throws Exception {
    String queue = broker.newName();
    try (CloseableIterator<String> read =
        stream(environment(1, 0), source(queue)).executeAndCollect()) {
      StreamJobs.await("the queue has a reader", () -> StreamJobs.hasMetrics(REPORTER, queue));
      broker.declareStream(queue, Map.of());
      broker.publish(queue, "here");
      assertThat(take(read, 1)).containsExactly("here");
    }
  }

  @Test
  void aRepublishedMessageCountsOnce() throws Exception {
    String queue = broker.newStream();
    for (String id : List.of("a", "b", "a", "c", "b")) {
      broker.publishWithId(queue, id, id.getBytes());
    }
    assertThat(readAll(source(queue))).containsExactly("a", "b", "c");
    assertThat(counter(REPORTER, queue, StreamSplitMetrics.DUPLICATES)).isEqualTo(2);
    assertThat(counter(REPORTER, queue, StreamSplitMetrics.MESSAGES)).isEqualTo(3);
  }

  @Test
  void offsetsThatAreNeverDeliveredAreNotReportedAsLost() throws Exception {
    String queue =
        broker.declareStream(broker.newName(), Map.of("x-stream-max-segment-size-bytes", 20_000));
    String padding = "x".repeat(500);
    broker.publish(queue, numbers(0, 200).stream().map(number -> number + "-" + padding).toList());
    assertThat(readAll(source(queue))).hasSize(200);
    assertThat(counter(REPORTER, queue, StreamSplitMetrics.LOST_MESSAGES)).isZero();
  }

  @Test
  void offsetsThatRetentionRemovedAreCounted() throws Exception {
    String queue =
        broker.declareStream(
            broker.newName(),
            Map.of("x-stream-max-segment-size-bytes", 20_000, "x-max-length-bytes", 60_000));
    String padding = "x".repeat(500);
    for (int round = 0; round < 5; round++) {
      broker.publish(
          queue, numbers(0, 100).stream().map(number -> number + "-" + padding).toList());
    }
    StreamJobs.await("retention has removed something", () -> readAll(source(queue)).size() < 500);
    List<String> read = readAll(source(queue).setStartingOffsets(StartingOffsets.offset(0)));
    assertThat(read).hasSizeLessThan(500);
    assertThat(counter(REPORTER, queue, StreamSplitMetrics.LOST_MESSAGES))
        .isGreaterThanOrEqualTo(500 - read.size());
  }
}
