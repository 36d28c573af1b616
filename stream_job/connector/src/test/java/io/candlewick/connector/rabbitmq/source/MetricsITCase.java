package io.candlewick.connector.rabbitmq.source;

import static io.candlewick.connector.rabbitmq.source.StreamJobs.environment;
import static io.candlewick.connector.rabbitmq.source.StreamJobs.source;
import static io.candlewick.connector.rabbitmq.source.StreamJobs.stream;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlewick.connector.rabbitmq.TestBroker;
import java.util.Collections;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class MetricsITCase {
  private static final InMemoryReporter REPORTER = InMemoryReporter.createWithRetainedMetrics();
  private static final Semaphore PERMITS = new Semaphore(0);

  @RegisterExtension static final MiniClusterExtension CLUSTER = StreamJobs.cluster(REPORTER);
  @RegisterExtension final TestBroker broker = new TestBroker();

  @Test
  void recordsAreElementsAndThoseThatWaitInTheQueueArePending() throws Exception {
    String queue = broker.newStream();
    broker.publish(queue, Collections.nCopies(500, "a,b"));
    PERMITS.drainPermits();
    StreamExecutionEnvironment environment = environment(1, 0);
    environment.getCheckpointConfig().disableCheckpointing();
    stream(environment, source(queue))
        .map(MetricsITCase::waitForAPermit)
        .sinkTo(new DiscardingSink<>());
    JobClient job = environment.executeAsync();
    try {
      PERMITS.release(20); // ten messages
      StreamJobs.await("all but ten messages are pending", () -> pendingRecords() == 980);

      PERMITS.release(1_000);
      StreamJobs.await("nothing is pending", () -> pendingRecords() == 0);
      assertThat(((Counter) sourceMetric("numRecordsIn")).getCount()).isEqualTo(1_000);
    } finally {
      PERMITS.release(1_000);
      job.cancel().get();
    }
  }

  private static String waitForAPermit(String element) throws InterruptedException {
    PERMITS.acquire();
    return element;
  }

  private static long pendingRecords() {
    Metric metric = sourceMetric("pendingRecords");
    return metric == null ? -1 : (long) ((Gauge<?>) metric).getValue();
  }

  /** A metric of the source operator, or null while there is none. */
  private static Metric sourceMetric(String name) {
    return REPORTER.getMetricsByGroup().entrySet().stream()
        .filter(
            group ->
                "Source: streams".equals(group.getKey().getAllVariables().get("<operator_name>")))
        .map(group -> group.getValue().get(name))
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }
}
