package io.candlewick.connector.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.testutils.CommonTestUtils;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.TableResult;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class PostgresCopyITCase {

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder().setNumberSlotsPerTaskManager(1).build());

  private static final String PRICES =
      "CREATE TABLE prices (symbol text, seen timestamptz, price numeric(38,18), revision bigint,"
          + " PRIMARY KEY (symbol, seen))";
  private static final String FLINK_PRICES =
      "CREATE TABLE prices (symbol STRING, seen TIMESTAMP_LTZ(6), price DECIMAL(38, 18),"
          + " revision BIGINT, PRIMARY KEY (symbol, seen) NOT ENFORCED) ";
  private static final String SELECT = "SELECT * FROM prices ORDER BY symbol, seen";

  private TestDatabase database;
  private TableEnvironment flink;

  @BeforeEach
  void open() throws SQLException {
    database = new TestDatabase();
    Configuration configuration = new Configuration();
    configuration.setString("parallelism.default", "1");
    configuration.setString("restart-strategy.type", "none");
    configuration.setString("table.local-time-zone", "UTC");
    flink =
        TableEnvironment.create(
            EnvironmentSettings.newInstance()
                .inStreamingMode()
                .withConfiguration(configuration)
                .build());
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
  }

  @Test
  void everyTypeIsWrittenExactly() throws Exception {
    database.execute(
        "CREATE TABLE everything (id integer PRIMARY KEY, words text, amount bigint, flag boolean,"
            + " ratio double precision, day date, seen timestamptz, price numeric(38,18))");
    flink.executeSql(
        "CREATE TABLE everything (id INT, words STRING, amount BIGINT, flag BOOLEAN, ratio DOUBLE,"
            + " `day` DATE, seen TIMESTAMP_LTZ(6), price DECIMAL(38, 18), PRIMARY KEY (id) NOT ENFORCED) "
            + database.options("everything"));
    insert(
        "everything",
        "(1, U&'tab\\0009 \\\\N back\\\\slash line\\000A é 🕯', 9223372036854775807, TRUE, 0.1, DATE '2024-02-29',"
            + " TO_TIMESTAMP_LTZ(1723204800123, 3), CAST('12345678901234567890.123456789012345678' AS DECIMAL(38, 18)))",
        "(2, '', -9223372036854775808, FALSE, -1e300, DATE '1969-12-31',"
            + " TO_TIMESTAMP_LTZ(-1, 3), CAST('-0.000000000000000001' AS DECIMAL(38, 18)))",
        "(3, CAST(NULL AS STRING), CAST(NULL AS BIGINT), CAST(NULL AS BOOLEAN),"
            + " CAST(NULL AS DOUBLE), CAST(NULL AS DATE), CAST(NULL AS TIMESTAMP_LTZ(6)),"
            + " CAST(NULL AS DECIMAL(38, 18)))",
        "(4, 'x', 0, TRUE, 0, DATE '2000-01-01', TO_TIMESTAMP_LTZ(0, 3), CAST('10000.5' AS DECIMAL(38, 18)))");
    assertThat(database.rows("SELECT * FROM everything ORDER BY id"))
        .containsExactly(
            "1|tab\t \\N back\\slash line\n é 🕯|9223372036854775807|t|0.1|2024-02-29"
                + "|2024-08-09 12:00:00.123+00|12345678901234567890.123456789012345678",
            "2||-9223372036854775808|f|-1e+300|1969-12-31"
                + "|1969-12-31 23:59:59.999+00|-0.000000000000000001",
            "3|null|null|null|null|null|null|null",
            "4|x|0|t|0|2000-01-01|1970-01-01 00:00:00+00|10000.500000000000000000");
  }

  @Test
  void aRowThatIsThereStays() throws Exception {
    prices();
    insert("prices", price("A", 1, "1", 1), price("B", 1, "1", 1));
    insert("prices", price("B", 1, "2", 9), price("C", 1, "2", 1));
    assertThat(database.rows("SELECT symbol, price::int FROM prices ORDER BY symbol"))
        .containsExactly("A|1", "B|1", "C|2");
  }

  @Test
  void aRowThatIsRepeatedInABatchIsWrittenOnce() throws Exception {
    prices();
    insert("prices", price("A", 1, "1", 1), price("A", 1, "1", 1), price("B", 1, "1", 1));
    assertThat(database.rows(SELECT)).hasSize(2);
  }

  @Test
  void withAGuardTheHigherRevisionWins() throws Exception {
    prices("'guard-column' = 'revision'");
    insert("prices", price("A", 1, "1", 5), price("B", 1, "1", 5), price("C", 1, "1", 5));
    insert("prices", price("A", 1, "2", 4), price("B", 1, "2", 5), price("C", 1, "2", 6));
    assertThat(database.rows("SELECT symbol, price::int, revision FROM prices ORDER BY symbol"))
        .containsExactly("A|1|5", "B|1|5", "C|2|6");
  }

  @Test
  void withAGuardTheHighestRevisionOfABatchWins() throws Exception {
    prices("'guard-column' = 'revision'");
    insert("prices", price("A", 1, "1", 5), price("A", 1, "3", 7), price("A", 1, "2", 6));
    assertThat(database.rows("SELECT price::int, revision FROM prices")).containsExactly("3|7");
  }

  @Test
  void aPartitionIsMadeForEachDayBeforeItsFirstRow() throws Exception {
    database.execute(PRICES + " PARTITION BY RANGE (seen)");
    database.execute(
        "CREATE FUNCTION make_day(day date) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE"
            + " format('CREATE TABLE IF NOT EXISTS %I.%I PARTITION OF prices FOR VALUES FROM (%L) TO"
            + " (%L)', '"
            + database.schema()
            + "', to_char(day, '\"day_\"YYYYMMDD'), day::timestamp AT TIME ZONE 'UTC', (day +"
            + " 1)::timestamp AT TIME ZONE 'UTC'); END $$");
    database.execute("ALTER FUNCTION make_day SET search_path = " + database.schema());
    database.execute(
        "ALTER ROLE %s SET search_path = %s, public".formatted(database.user(), database.schema()));
    try {
      flink.executeSql(
          FLINK_PRICES
              + database.options(
                  "prices", "'partition-function' = 'make_day'", "'partition-column' = 'seen'"));
      insert("prices", price("A", 86_399_999, "1", 1), price("A", 86_400_000, "1", 1));
      assertThat(database.rows("SELECT tableoid::regclass FROM prices ORDER BY seen"))
          .containsExactly("day_19700101", "day_19700102");
    } finally {
      database.execute("ALTER ROLE %s RESET search_path".formatted(database.user()));
    }
  }

  @Test
  void whatTheDatabaseWillNeverTakeFailsAtOnceAndIsNamed() throws Exception {
    prices();
    database.execute("ALTER TABLE prices ADD CHECK (price < 100)");
    assertThatThrownBy(() -> insert("prices", price("A", 1, "1", 1), price("B", 1, "100", 1)))
        .hasStackTraceContaining("prices_price_check")
        .hasStackTraceContaining("Failing row contains (B, 1970-01-01 00:00:00.001+00");
    assertThat(database.rows(SELECT)).isEmpty();
  }

  @Test
  void aDatabaseThatComesBackIsWrittenTo() throws Exception {
    prices("'guard-column' = 'revision'");
    flink.executeSql(
        "CREATE TABLE ticks (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '200',"
            + " 'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '1000')");
    TableResult job =
        flink.executeSql(
            "INSERT INTO prices SELECT 'A', TO_TIMESTAMP_LTZ(n, 3), CAST(n AS DECIMAL(38, 18)), n FROM ticks");
    for (int cut = 0; cut < 3; cut++) {
      long before = count();
      CommonTestUtils.waitUntilCondition(() -> count() > before);
      database.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
              + " WHERE application_name LIKE 'candlewick%' AND pid <> pg_backend_pid()");
    }
    job.await();
    assertThat(database.rows("SELECT count(*), sum(price)::int FROM prices"))
        .containsExactly("1000|500500");
  }

  @Test
  void aDatabaseThatStaysAwayFailsTheJob() {
    flink.executeSql(
        FLINK_PRICES
            + "WITH ('connector' = 'postgres-copy', 'url' = 'jdbc:postgresql://127.0.0.1:1/none',"
            + " 'username' = 'nobody', 'password' = 'secret', 'table-name' = 'prices',"
            + " 'max-outage' = '1 s')");
    assertThatThrownBy(() -> insert("prices", price("A", 1, "1", 1)))
        .hasStackTraceContaining("Connection to 127.0.0.1:1 refused");
  }

  @Test
  void aGuardNeedsAPrimaryKey() {
    flink.executeSql(
        "CREATE TABLE prices (symbol STRING, revision BIGINT) "
            + database.options("prices", "'guard-column' = 'revision'"));
    assertThatThrownBy(() -> flink.executeSql("INSERT INTO prices VALUES ('A', 1)"))
        .hasStackTraceContaining("no primary key");
  }

  private void prices(String... options) throws SQLException {
    database.execute(PRICES);
    flink.executeSql(FLINK_PRICES + database.options("prices", options));
  }

  private long count() throws SQLException {
    return Long.parseLong(database.rows("SELECT count(*) FROM prices").get(0));
  }

  private static String price(String symbol, long millis, String price, long revision) {
    return "('%s', TO_TIMESTAMP_LTZ(%d, 3), CAST(%s AS DECIMAL(38, 18)), CAST(%d AS BIGINT))"
        .formatted(symbol, millis, price, revision);
  }

  private void insert(String table, String... rows) throws Exception {
    flink.executeSql("INSERT INTO %s VALUES %s".formatted(table, String.join(", ", rows))).await();
  }
}
