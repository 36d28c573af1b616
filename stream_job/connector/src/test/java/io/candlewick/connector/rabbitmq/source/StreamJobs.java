package io.candlewick.connector.rabbitmq.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlewick.connector.rabbitmq.TestBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.CloseableIterator;

/** Jobs that read streams, on a cluster in this process. */
final class StreamJobs {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private StreamJobs() {}

  static MiniClusterExtension cluster(InMemoryReporter reporter) {
    Configuration configuration = new Configuration();
    reporter.addToConfiguration(configuration);
    return new MiniClusterExtension(
        new MiniClusterResourceConfiguration.Builder()
            .setConfiguration(configuration)
            .setNumberTaskManagers(1)
            .setNumberSlotsPerTaskManager(4)
            .build());
  }

  /** An environment that restarts a failed job so many times. */
  static StreamExecutionEnvironment environment(int parallelism, int restarts) {
    Configuration configuration = new Configuration();
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY, restarts == 0 ? "none" : "fixed-delay");
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, restarts);
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(50));
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.getExecutionEnvironment(configuration);
    environment.setParallelism(parallelism);
    environment.enableCheckpointing(100);
    return environment;
  }

  static RabbitMqStreamSourceBuilder<String> source(String... queues) {
    return RabbitMqStreamSource.<String>builder()
        .setUri(TestBroker.uri())
        .setQueues(queues)
        .setDeserializer(new TestSchema());
  }

  static DataStream<String> stream(
      StreamExecutionEnvironment environment, RabbitMqStreamSourceBuilder<String> source) {
    return environment.fromSource(source.build(), WatermarkStrategy.noWatermarks(), "streams");
  }

  /** Everything that a bounded source reads, with one subtask. */
  static List<String> readAll(RabbitMqStreamSourceBuilder<String> source) throws Exception {
    return collect(stream(environment(1, 0), source.setBounded(true)));
  }

  static List<String> collect(DataStream<String> bounded) throws Exception {
    List<String> elements = new ArrayList<>();
    try (CloseableIterator<String> iterator = bounded.executeAndCollect()) {
      iterator.forEachRemaining(elements::add);
    }
    return elements;
  }

  /** The next elements of a job that goes on. */
  static List<String> take(CloseableIterator<String> iterator, int count) {
    List<String> elements = new ArrayList<>();
    while (elements.size() < count) {
      elements.add(iterator.next());
    }
    return elements;
  }

  /** Waits for a condition, for as long as a busy machine may need. */
  static void await(String what, Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("waited in vain until %s", what).isLessThan(deadline);
      Thread.sleep(20);
    }
  }

  /** The sum of a counter of a queue, over the attempts of all jobs so far. */
  static long counter(InMemoryReporter reporter, String queue, String name) {
    return reporter.getMetricsByGroup().entrySet().stream()
        .filter(group -> queue.equals(group.getKey().getAllVariables().get("<queue>")))
        .mapToLong(group -> ((Counter) group.getValue().get(name)).getCount())
        .sum();
  }

  /** Whether a reader has the queue. */
  static boolean hasMetrics(InMemoryReporter reporter, String queue) {
    return reporter.getMetricsByGroup().keySet().stream()
        .anyMatch(group -> queue.equals(group.getAllVariables().get("<queue>")));
  }

  static List<String> numbers(int from, int to) {
    List<String> numbers = new ArrayList<>();
    for (int i = from; i < to; i++) {
      numbers.add(Integer.toString(i));
    }
    return numbers;
  }
}
