package io.candlewick.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlewick.connector.postgres.TestDatabase;
import io.candlewick.connector.rabbitmq.TcpProxy;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The rules as they are read from a real PostgreSQL. */
class AlertRulesITCase {

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder().setNumberSlotsPerTaskManager(1).build());

  @RegisterExtension final TestDatabase database = new TestDatabase();

  private final BlockingQueue<List<AlertRule>> read = new LinkedBlockingQueue<>();
  private final Counter failures = new SimpleCounter();

  @BeforeEach
  void createTable() throws Exception {
    database.execute(
        "CREATE TABLE alert_rules (id bigint PRIMARY KEY, symbol text, kind text, interval text,"
            + " parameters jsonb, is_enabled boolean DEFAULT true, deleted_at timestamptz,"
            + " updated_at timestamptz DEFAULT '2026-01-05 10:00:00.000001+00')");
  }

  @Test
  void theRulesThatAreEnabledAndNotDeletedAreReadAndAgainWhenTheyHaveChanged() throws Exception {
    insert(1, "{\"price\": \"1\", \"direction\": \"up\"}");
    insert(2, "{}");
    insert(3, "{}");
    database.execute(
        "UPDATE alert_rules SET is_enabled = false WHERE id = 2",
        "UPDATE alert_rules SET deleted_at = now() WHERE id = 3");
    try (RulePolling polling = polling(database.address())) {
      assertThat(next())
          .containsExactly(
              new AlertRule(
                  1,
                  "A",
                  "price_cross",
                  null,
                  "{\"price\": \"1\", \"direction\": \"up\"}",
                  1_767_607_200_000_001L));
      database.execute("UPDATE alert_rules SET is_enabled = true");
      assertThat(next()).extracting(AlertRule::id).containsExactly(1L, 2L);
      database.execute("UPDATE alert_rules SET updated_at = now() WHERE id = 1");
      assertThat(next()).hasSize(2);
    }
  }

  @Test
  void anOutageOfTheDatabaseIsSurvived() throws Exception {
    insert(1, "{}");
    URI server = URI.create(database.address().substring("jdbc:".length()));
    try (TcpProxy proxy =
            new TcpProxy("tcp://any@%s:%d/".formatted(server.getHost(), server.getPort()));
        RulePolling polling = polling(through(proxy))) {
      assertThat(next()).hasSize(1);
      proxy.beginOutage();
      insert(2, "{}");
      while (failures.getCount() < 3) {
        assertThat(read.poll(10, TimeUnit.MILLISECONDS)).isNull();
      }
      proxy.endOutage();
      assertThat(next()).hasSize(2);
    }
  }

  @Test
  void aBoundedSourceEndsWithTheFirstSetLessTheRulesThatCannotBeRead() throws Exception {
    insert(1, "{\"price\": \"1\", \"direction\": \"up\"}");
    insert(2, "{\"price\": \"a lot\", \"direction\": \"up\"}");
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    try (CloseableIterator<RuleSet> sets =
        AlertStreams.rules(environment, at(database.address()), true).executeAndCollect()) {
      assertThat(sets.next().rules()).extracting(AlertRule::id).containsExactly(1L);
      assertThat(sets.hasNext()).isFalse();
    }
  }

  @Test
  void thePasswordIsInNoDescription() {
    assertThat(new RuleDatabase("jdbc:x", "writer", "secret", Duration.ofSeconds(5)).toString())
        .isEqualTo("RuleDatabase[jdbc:x as writer]");
  }

  private void insert(long id, String parameters) throws Exception {
    database.execute(
        "INSERT INTO alert_rules (id, symbol, kind, parameters) VALUES (%d, 'A', 'price_cross', '%s')"
            .formatted(id, parameters));
  }

  private String through(TcpProxy proxy) {
    URI server = URI.create(database.address().substring("jdbc:".length()));
    return database
        .address()
        .replace(
            server.getHost() + ":" + server.getPort(),
            "127.0.0.1:" + URI.create(proxy.uri()).getPort());
  }

  private RuleDatabase at(String address) {
    return new RuleDatabase(address, database.user(), database.password(), Duration.ofMillis(20));
  }

  private RulePolling polling(String address) {
    RulePolling polling = new RulePolling(at(address), read::add, failures);
    polling.start();
    return polling;
  }

  private List<AlertRule> next() throws InterruptedException {
    List<AlertRule> rules = read.poll(60, TimeUnit.SECONDS);
    assertThat(rules).as("rules that were read").isNotNull();
    return rules;
  }
}
