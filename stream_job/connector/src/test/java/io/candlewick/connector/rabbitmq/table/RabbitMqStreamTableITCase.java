package io.candlewick.connector.rabbitmq.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlewick.connector.rabbitmq.TestBroker;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RabbitMqStreamTableITCase {
  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder().setNumberSlotsPerTaskManager(2).build());

  @RegisterExtension final TestBroker broker = new TestBroker();

  private StreamTableEnvironment tables;

  @BeforeEach
  void createTableEnvironment() {
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    environment.setParallelism(1);
    tables = StreamTableEnvironment.create(environment);
  }

  @Test
  void aJsonArrayIsReadAsRowsWithTheMetadataOfItsMessage() throws Exception {
    String queue = broker.newStream();
    broker.publish(queue, "[]");
    publish(
        queue, "m-1", "[{\"symbol\": \"A\", \"price\": 1.5}, {\"symbol\": \"B\", \"price\": 2.5}]");
    create(
        queue,
        "symbol STRING, price DECIMAL(10, 2), queue STRING METADATA VIRTUAL,"
            + " stream_offset BIGINT METADATA FROM 'offset' VIRTUAL, id STRING METADATA FROM 'message-id' VIRTUAL",
        "'scan.bounded' = 'true'");

    assertThat(rows("SELECT symbol, CAST(price AS STRING), queue, stream_offset, id FROM events"))
        .containsExactly(
            Row.of("A", "1.50", queue, 1L, "m-1"), Row.of("B", "2.50", queue, 1L, "m-1"));
  }

  @Test
  void theStartAndTheDeadLetterQueueAreOptions() throws Exception {
    String queue = broker.newStream();
    String deadLetters = broker.newQueue();
    broker.publish(queue, "{\"symbol\": \"A\"}", "{\"symbol\": \"B\"}", "no json");
    create(
        queue,
        "symbol STRING",
        "'scan.bounded' = 'true', 'scan.startup.mode' = 'offset', 'scan.startup.offset' = '1',"
            + " 'dead-letter-queue' = '"
            + deadLetters
            + "'");

    assertThat(rows("SELECT symbol FROM events")).containsExactly(Row.of("B"));
    assertThat(broker.drain(deadLetters)).hasSize(1);
  }

  @Test
  void theWatermarkOfTheTableIsMadeInTheSource() throws Exception {
    String queue = broker.newStream();
    broker.publish(queue, "{\"millis\": 1000}", "{\"millis\": 2000}", "{\"millis\": 11000}");
    create(
        queue,
        "millis BIGINT, ts AS TO_TIMESTAMP_LTZ(millis, 3), WATERMARK FOR ts AS ts",
        "'scan.bounded' = 'false'");
    String query =
        "SELECT COUNT(*) FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '10' SECOND))"
            + " GROUP BY window_start, window_end";

    assertThat(tables.explainSql(query)).containsPattern("TableSourceScan\\(.*watermark=\\[");
    try (CloseableIterator<Row> windows = tables.executeSql(query).collect()) {
      assertThat(windows.next()).isEqualTo(Row.of(2L));
    }
  }

  @Test
  void aMissingOffsetIsRefusedWithASentence() {
    create("any", "symbol STRING", "'scan.startup.mode' = 'offset'");
    assertThatThrownBy(() -> tables.explainSql("SELECT symbol FROM events"))
        .hasStackTraceContaining(
            "The option 'scan.startup.offset' is missing; 'scan.startup.mode' asks for it.");
  }

  private void publish(String queue, String id, String body) throws Exception {
    broker.publishWithId(queue, id, body.getBytes(StandardCharsets.UTF_8));
  }

  private void create(String queue, String columns, String options) {
    tables.executeSql(
        "CREATE TABLE events ("
            + columns
            + ") WITH ('connector' = 'rabbitmq-stream', 'uri' = '"
            + TestBroker.uri()
            + "', 'queues' = '"
            + queue
            + "', 'format' = 'json', "
            + options
            + ")");
  }

  private List<Row> rows(String query) throws Exception {
    List<Row> rows = new ArrayList<>();
    try (CloseableIterator<Row> iterator = tables.executeSql(query).collect()) {
      iterator.forEachRemaining(rows::add);
    }
    return rows;
  }
}
