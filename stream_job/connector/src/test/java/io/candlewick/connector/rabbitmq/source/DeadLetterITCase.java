package io.candlewick.connector.rabbitmq.source;

import static io.candlewick.connector.rabbitmq.source.StreamJobs.counter;
import static io.candlewick.connector.rabbitmq.source.StreamJobs.environment;
import static io.candlewick.connector.rabbitmq.source.StreamJobs.readAll;
import static io.candlewick.connector.rabbitmq.source.StreamJobs.source;
import static io.candlewick.connector.rabbitmq.source.StreamJobs.stream;
import static io.candlewick.connector.rabbitmq.source.StreamJobs.take;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.GetResponse;
import io.candlewick.connector.rabbitmq.TestBroker;
import io.candlewick.connector.rabbitmq.source.metrics.StreamSplitMetrics;
import io.candlewick.connector.rabbitmq.source.reader.TooManyDeadLettersException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DeadLetterITCase {
  private static final InMemoryReporter REPORTER = InMemoryReporter.createWithRetainedMetrics();

  @RegisterExtension static final MiniClusterExtension CLUSTER = StreamJobs.cluster(REPORTER);
  @RegisterExtension final TestBroker broker = new TestBroker();

  @Test
  void aBadElementIsPutAsideAndTheOthersOfItsMessageCount() throws Exception {
    String queue = broker.newStream();
    String deadLetters = broker.newQueue();
    broker.publish(queue, "before");
    broker.publishWithId(queue, "batch-7", "a,!bad,c".getBytes(StandardCharsets.UTF_8));

    assertThat(readAll(source(queue).setDeadLetterQueue(deadLetters)))
        .containsExactly("before", "a", "c");

    GetResponse letter = onlyOne(deadLetters);
    assertThat(letter.getBody()).asString().isEqualTo("!bad");
    Map<String, Object> headers = letter.getProps().getHeaders();
    assertThat(headers).containsEntry("x-source-offset", 1L).containsEntry("x-event-index", 1);
    assertThat(headers.get("x-reason")).hasToString("It begins with an exclamation mark.");
    assertThat(headers.get("x-source-queue")).hasToString(queue);
    assertThat(headers.get("x-original-message-id")).hasToString("batch-7");
    assertThat(Instant.EPOCH.plus((long) headers.get("x-rejected-at"), ChronoUnit.MICROS))
        .isBetween(Instant.now().minusSeconds(300), Instant.now().plusSeconds(1));
    assertThat(letter.getProps().getDeliveryMode()).isEqualTo(2);
    assertThat(counter(REPORTER, queue, StreamSplitMetrics.DEAD_LETTERS)).isEqualTo(1);
  }

  @Test
  void nothingOfAMessageCountsWhenItIsBadAsAWhole() throws Exception {
    String queue = broker.newStream();
    String deadLetters = broker.newQueue();
    broker.publish(queue, "#a,!b", "good");

    assertThat(readAll(source(queue).setDeadLetterQueue(deadLetters))).containsExactly("good");

    GetResponse letter = onlyOne(deadLetters);
    assertThat(letter.getBody()).asString().isEqualTo("#a,!b");
    assertThat(letter.getProps().getHeaders())
        .doesNotContainKeys("x-event-index", "x-original-message-id");
  }

  @Test
  void aHugeBodyIsCutAndSaysSo() throws Exception {
    String queue = broker.newStream();
    String deadLetters = broker.newQueue();
    int size = (1 << 20) + 5;
    broker.publish(queue, "#" + "x".repeat(size - 1));

    assertThat(readAll(source(queue).setDeadLetterQueue(deadLetters))).isEmpty();

    GetResponse letter = onlyOne(deadLetters);
    assertThat(letter.getBody()).hasSize(1 << 20);
    assertThat(letter.getProps().getHeaders()).containsEntry("x-truncated-from", (long) size);
  }

  @Test
  void theOffsetDoesNotMoveUntilTheDeadLetterIsConfirmed() throws Exception {
    String queue = broker.newStream();
    String deadLetters = broker.newName(); // does not exist yet
    broker.publish(queue, "before", "!bad", "after");
    try (CloseableIterator<String> read =
        stream(environment(1, 0), source(queue).setDeadLetterQueue(deadLetters))
            .executeAndCollect()) {
      assertThat(take(read, 1)).containsExactly("before");
      assertThat(counter(REPORTER, queue, StreamSplitMetrics.MESSAGES)).isEqualTo(1);
      broker.declareQueue(deadLetters);
      assertThat(take(read, 1)).containsExactly("after");
      assertThat(onlyOne(deadLetters).getBody()).asString().isEqualTo("!bad");
    }
  }

  @Test
  void theJobFailsForGoodWhenNearlyEverythingIsUndecodable() throws Exception {
    String queue = broker.newStream();
    String deadLetters = broker.newQueue();
    broker.publish(queue, Collections.nCopies(30, "!bad"));
    assertThatThrownBy(
            () -> {
              try (CloseableIterator<String> read =
                  stream(
                          environment(1, Integer.MAX_VALUE),
                          source(queue).setDeadLetterQueue(deadLetters).setDeadLetterLimit(0.9, 20))
                      .executeAndCollect()) {
                take(read, 1);
              }
            })
        .hasStackTraceContaining(TooManyDeadLettersException.class.getName())
        .hasStackTraceContaining("Of the last 20 messages 19 held nothing that could be decoded");
    assertThat(broker.drain(deadLetters)).hasSize(18);
  }

  @Test
  void withoutADeadLetterQueueTheJobFailsAndNamesTheMessage() throws Exception {
    String queue = broker.newStream();
    broker.publish(queue, "good", "#bad");
    assertThatThrownBy(() -> readAll(source(queue)))
        .hasStackTraceContaining(
            "The message at offset 1 of the queue " + queue + " cannot be decoded");
  }

  private GetResponse onlyOne(String queue) throws Exception {
    List<GetResponse> letters = broker.drain(queue);
    assertThat(letters).hasSize(1);
    return letters.get(0);
  }
}
