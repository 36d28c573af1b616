package io.candlewick.connector.rabbitmq.source;

import static io.candlewick.connector.rabbitmq.source.StreamJobs.environment;
import static io.candlewick.connector.rabbitmq.source.StreamJobs.source;
import static io.candlewick.connector.rabbitmq.source.StreamJobs.take;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlewick.connector.rabbitmq.TestBroker;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WatermarkITCase {
  @RegisterExtension
  static final MiniClusterExtension CLUSTER = StreamJobs.cluster(InMemoryReporter.create());

  @RegisterExtension final TestBroker broker = new TestBroker();

  @Test
  void aReaderWithoutAQueueDoesNotHoldTheWatermarkBack() throws Exception {
    String queue = broker.newStream();
    broker.publish(queue, "1000", "2000", "11000");
    try (CloseableIterator<String> windows =
        tenSeconds(environment(3, 0), source(queue)).executeAndCollect()) {
      assertThat(take(windows, 1)).containsExactly("1000+2000");
    }
  }

  @Test
  void theWatermarkIsThatOfTheSlowestQueue() throws Exception {
    String fast = broker.newStream();
    String slow = broker.newStream();
    broker.publish(fast, "1000", "11000", "21000");
    broker.publish(slow, "2000");
    try (CloseableIterator<String> windows =
        tenSeconds(environment(1, 0), source(fast, slow)).executeAndCollect()) {
      broker.publish(slow, "3000", "12000");
      assertThat(take(windows, 1).get(0).split("\\+"))
          .containsExactlyInAnyOrder("1000", "2000", "3000");
    }
  }

  private static DataStream<String> tenSeconds(
      StreamExecutionEnvironment environment, RabbitMqStreamSourceBuilder<String> source) {
    return environment
        .fromSource(source.build(), WatermarkStrategy.forMonotonousTimestamps(), "streams")
        .windowAll(TumblingEventTimeWindows.of(Duration.ofSeconds(10)))
        .reduce((left, right) -> left + "+" + right);
  }
}
