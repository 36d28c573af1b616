package io.candlewick.connector.rabbitmq.source;

import static io.candlewick.connector.rabbitmq.source.StreamJobs.counter;
import static io.candlewick.connector.rabbitmq.source.StreamJobs.environment;
import static io.candlewick.connector.rabbitmq.source.StreamJobs.numbers;
import static io.candlewick.connector.rabbitmq.source.StreamJobs.source;
import static io.candlewick.connector.rabbitmq.source.StreamJobs.stream;
import static io.candlewick.connector.rabbitmq.source.StreamJobs.take;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlewick.connector.rabbitmq.TcpProxy;
import io.candlewick.connector.rabbitmq.TestBroker;
import io.candlewick.connector.rabbitmq.connection.BrokerAccessException;
import io.candlewick.connector.rabbitmq.source.metrics.StreamSplitMetrics;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class FailureITCase {
  private static final InMemoryReporter REPORTER = InMemoryReporter.createWithRetainedMetrics();
  private static final AtomicInteger FAILURES = new AtomicInteger();

  @RegisterExtension static final MiniClusterExtension CLUSTER = StreamJobs.cluster(REPORTER);
  @RegisterExtension final TestBroker broker = new TestBroker();

  private static String failAtFirst(String element, String where) {
    if (element.equals(where) && FAILURES.getAndIncrement() == 0) {
      throw new IllegalStateException("A failure on purpose.");
    }
    return element;
  }

  @Test
  void everyElementCountsOnceThroughARestart() throws Exception {
    String queue = broker.newStream();
    broker.publish(queue, numbers(0, 300));
    FAILURES.set(0);
    try (CloseableIterator<String> read =
        stream(environment(1, 3), source(queue))
            .map(element -> failAtFirst(element, "450"))
            .executeAndCollect()) {
      assertThat(take(read, 300)).isEqualTo(numbers(0, 300)); // a checkpoint holds them by now
      broker.publish(queue, numbers(300, 600));
      assertThat(take(read, 300)).isEqualTo(numbers(300, 600));
    }
    assertThat(FAILURES).hasValueGreaterThan(0);
  }

  @Test
  void messageIdsAreRememberedThroughARestart() throws Exception {
    String queue = broker.newStream();
    broker.publishWithId(queue, "1", "a".getBytes(StandardCharsets.UTF_8));
    FAILURES.set(0);
    try (CloseableIterator<String> read =
        stream(environment(1, 3), source(queue))
            .map(element -> failAtFirst(element, "b"))
            .executeAndCollect()) {
      assertThat(take(read, 1)).containsExactly("a");
      broker.publishWithId(queue, "2", "b".getBytes(StandardCharsets.UTF_8));
      assertThat(take(read, 1)).containsExactly("b");
      broker.publishWithId(queue, "1", "a".getBytes(StandardCharsets.UTF_8));
      broker.publishWithId(queue, "2", "b".getBytes(StandardCharsets.UTF_8));
      broker.publishWithId(queue, "3", "c".getBytes(StandardCharsets.UTF_8));
      assertThat(take(read, 1)).containsExactly("c");
    }
    assertThat(FAILURES).hasValueGreaterThan(0);
  }

  @Test
  void aLostConnectionIsOpenedAgainAtTheSameOffset() throws Exception {
    String queue = broker.newStream();
    broker.publish(queue, numbers(0, 200));
    try (TcpProxy proxy = new TcpProxy(TestBroker.uri());
        CloseableIterator<String> read =
            stream(environment(1, 0), source(queue).setUri(proxy.uri())).executeAndCollect()) {
      assertThat(take(read, 200)).isEqualTo(numbers(0, 200));
      proxy.beginOutage();
      broker.publish(queue, numbers(200, 400));
      Thread.sleep(1_000); // some attempts fail
      proxy.endOutage();
      assertThat(take(read, 200)).isEqualTo(numbers(200, 400));
      proxy.cut();
      broker.publish(queue, numbers(400, 500));
      assertThat(take(read, 100)).isEqualTo(numbers(400, 500));
    }
    assertThat(counter(REPORTER, queue, StreamSplitMetrics.RECONNECTS)).isGreaterThanOrEqualTo(2);
  }

  @Test
  void aBrokerThatIsAwayAtTheStartIsWaitedFor() throws Exception {
    String queue = broker.newStream();
    broker.publish(queue, "here");
    try (TcpProxy proxy = new TcpProxy(TestBroker.uri())) {
      proxy.beginOutage();
      try (CloseableIterator<String> read =
          stream(environment(1, 0), source(queue).setUri(proxy.uri()).setBounded(true))
              .executeAndCollect()) {
        Thread.sleep(1_000);
        proxy.endOutage();
        assertThat(take(read, 1)).containsExactly("here");
      }
    }
  }

  @Test
  void aQueueThatWasDeclaredAnewIsReadFromItsBeginning() throws Exception {
    String queue = broker.newStream();
    broker.publish(queue, numbers(0, 50));
    try (CloseableIterator<String> read =
        stream(environment(1, 0), source(queue)).executeAndCollect()) {
      assertThat(take(read, 50)).isEqualTo(numbers(0, 50));
      broker.deleteQueue(queue);
      broker.declareStream(queue, Map.of());
      broker.publish(queue, "anew");
      assertThat(take(read, 1)).containsExactly("anew");
    }
  }

  @Test
  void aWrongPasswordFailsTheJobWithASentence() {
    assertRefused(withUserInfo("candlewick-nobody:wrong"), "refused the log-in");
  }

  @Test
  void aMissingVirtualHostFailsTheJobWithASentence() {
    URI uri = URI.create(TestBroker.uri());
    assertRefused(
        TestBroker.uri().replace(uri.getRawPath(), "/candlewick-no-such-vhost"),
        "refused the virtual host");
  }

  @Test
  void aQueueThatIsNoStreamFailsTheJobWithASentence() throws Exception {
    String queue = broker.newQueue();
    broker.publish(queue, "here");
    try (CloseableIterator<String> read =
        stream(environment(1, 0), source(queue)).executeAndCollect()) {
      assertThatThrownBy(() -> take(read, 1))
          .hasStackTraceContaining("stream")
          .hasStackTraceContaining(queue);
    }
  }

  private static String withUserInfo(String userInfo) {
    URI uri = URI.create(TestBroker.uri());
    return TestBroker.uri().replace(uri.getRawUserInfo(), userInfo);
  }

  private static void assertRefused(String uri, String sentence) {
    for (boolean bounded : List.of(true, false)) {
      assertThatThrownBy(
              () -> {
                try (CloseableIterator<String> read =
                    stream(environment(1, 0), source("any").setUri(uri).setBounded(bounded))
                        .executeAndCollect()) {
                  take(read, 1);
                }
              })
          .hasStackTraceContaining(BrokerAccessException.class.getName())
          .hasStackTraceContaining(sentence);
    }
  }
}
