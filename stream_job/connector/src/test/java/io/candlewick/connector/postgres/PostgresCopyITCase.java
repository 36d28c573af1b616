package io.candlewick.connector.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The sink as a job uses it: Flink SQL on one side, a real PostgreSQL on the other. */
class PostgresCopyITCase {

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder().setNumberSlotsPerTaskManager(2).build());

  @RegisterExtension final TestDatabase database = new TestDatabase();

  private StreamTableEnvironment tables;

  @BeforeEach
  void createTableEnvironment() {
    Configuration configuration = new Configuration();
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.getExecutionEnvironment(configuration);
    environment.setParallelism(1);
    tables = StreamTableEnvironment.create(environment);
    tables.getConfig().set("table.local-time-zone", "Asia/Kolkata");
  }

  @Test
  void everyTypeArrivesAsItIs() throws Exception {
    database.execute(
        "CREATE TABLE t (id bigint PRIMARY KEY, flag boolean, small integer, amount numeric(38, 18),"
            + " ratio double precision, day date, moment timestamptz, name text)");
    create(
        "t",
        "id BIGINT, flag BOOLEAN, small INT, amount DECIMAL(38, 18), ratio DOUBLE, `day` DATE,"
            + " `moment` TIMESTAMP_LTZ(6), name STRING");
    insert(
        "t",
        "(CAST(-9223372036854775808 AS BIGINT), TRUE, -2147483648,"
            + " CAST('-99999999999999999999.999999999999999999' AS DECIMAL(38, 18)),"
            + " CAST('1.0E-300' AS DOUBLE), DATE '9999-12-31',"
            + " CAST(TIMESTAMP '2024-02-29 23:59:59.999999' AS TIMESTAMP_LTZ(6)), 'text'),"
            + " (2, FALSE, 0, CAST('0.000000000000000001' AS DECIMAL(38, 18)), CAST('-0.1' AS DOUBLE),"
            + " DATE '0001-01-01', CAST(TIMESTAMP '1969-12-31 23:59:59.000001' AS TIMESTAMP_LTZ(6)),"
            + " ''),"
            + " (3, CAST(NULL AS BOOLEAN), CAST(NULL AS INT), CAST(NULL AS DECIMAL(38, 18)),"
            + " CAST(NULL AS DOUBLE), CAST(NULL AS DATE), CAST(NULL AS TIMESTAMP_LTZ(6)),"
            + " CAST(NULL AS STRING))");
    assertThat(
            database.rows(
                "SELECT id, flag, small, amount, ratio, day,"
                    + " to_char(moment AT TIME ZONE 'Asia/Kolkata', 'YYYY-MM-DD HH24:MI:SS.US'), name"
                    + " FROM t ORDER BY id"))
        .containsExactly(
            List.of(
                "-9223372036854775808",
                "t",
                "-2147483648",
                "-99999999999999999999.999999999999999999",
                "1e-300",
                "9999-12-31",
                "2024-02-29 23:59:59.999999",
                "text"),
            List.of(
                "2",
                "f",
                "0",
                "0.000000000000000001",
                "-0.1",
                "0001-01-01",
                "1969-12-31 23:59:59.000001",
                ""),
            Arrays.asList("3", null, null, null, null, null, null, null));
  }

  @Test
  void textThatMeansSomethingToCopyIsOnlyText() throws Exception {
    database.execute("CREATE TABLE t (id integer PRIMARY KEY, name text)");
    create("t", "id INT, name STRING");
    List<String> texts =
        List.of(
            "\\N", "\\.", "a\tb", "a\nb\r\nc", "\\t\\n\\\\", "'\"", "漢字 🕯", "\u0001\u007f", " ");
    StringBuilder values = new StringBuilder();
    for (int i = 0; i < texts.size(); i++) {
      values.append(i == 0 ? "" : ", ");
      values.append("(%d, '%s')".formatted(i, texts.get(i).replace("'", "''")));
    }
    insert("t", values.toString());
    assertThat(database.rows("SELECT name FROM t ORDER BY id"))
        .isEqualTo(texts.stream().map(List::of).toList());
  }

  @Test
  void aNameThatNeedsQuotesIsQuoted() throws Exception {
    database.execute("CREATE TABLE \"order\" (\"group\" integer PRIMARY KEY, \"A b\" text)");
    create("order", "`group` INT, `A b` STRING", "group");
    insert("order", "(1, 'x')");
    insert("order", "(1, 'x')");
    assertThat(database.rows("SELECT * FROM \"order\"")).containsExactly(List.of("1", "x"));
  }

  @Test
  void rowsThatAreThereAlreadyStayAndTheOthersOfTheirBatchAreAdded() throws Exception {
    database.execute("CREATE TABLE t (id integer PRIMARY KEY, name text)");
    create("t", "id INT, name STRING");
    insert("t", "(1, 'first'), (2, 'first')");
    insert("t", "(2, 'second'), (3, 'second'), (3, 'again')");
    assertThat(database.rows("SELECT * FROM t ORDER BY id"))
        .containsExactly(List.of("1", "first"), List.of("2", "first"), List.of("3", "second"));
  }

  @Test
  void withAGuardOnlyAHigherRevisionReplacesARow() throws Exception {
    database.execute("CREATE TABLE t (id integer PRIMARY KEY, name text, revision bigint)");
    create("t", "id INT, name STRING, revision BIGINT", "id", "'guard-column' = 'revision'");
    insert("t", "(1, 'five', 5), (2, 'five', 5), (3, 'five', 5)");
    insert("t", "(1, 'four', 4), (2, 'five again', 5), (3, 'six', 6), (4, 'one', 1)");
    assertThat(database.rows("SELECT name FROM t ORDER BY id"))
        .containsExactly(List.of("five"), List.of("five"), List.of("six"), List.of("one"));
  }

  @Test
  void withAGuardTheHighestRevisionOfABatchWins() throws Exception {
    database.execute("CREATE TABLE t (id integer PRIMARY KEY, name text, revision bigint)");
    create("t", "id INT, name STRING, revision BIGINT", "id", "'guard-column' = 'revision'");
    insert("t", "(1, 'one', 1), (1, 'three', 3), (1, 'two', 2), (2, 'one', 1)");
    assertThat(database.rows("SELECT name FROM t ORDER BY id"))
        .containsExactly(List.of("three"), List.of("one"));
  }

  @Test
  void aRowIsReplacedWhole() throws Exception {
    database.execute("CREATE TABLE t (id integer PRIMARY KEY, name text, revision bigint)");
    create("t", "id INT, name STRING, revision BIGINT", "id", "'guard-column' = 'revision'");
    insert("t", "(1, 'one', 1)");
    insert("t", "(1, CAST(NULL AS STRING), 2)");
    assertThat(database.rows("SELECT id, name, revision FROM t"))
        .containsExactly(Arrays.asList("1", null, "2"));
  }

  @Test
  void aRowWhoseParentIsGoneIsLeftOutAndTheOthersOfItsBatchAreAdded() throws Exception {
    database.execute(
        "CREATE TABLE p (id integer PRIMARY KEY)",
        "CREATE TABLE t (id integer PRIMARY KEY, p integer REFERENCES p, note text)",
        "INSERT INTO p VALUES (1)");
    String parent = "'parent-table' = 'p', 'parent-column' = 'p'";
    create("t", "id INT, p INT", "id", parent);
    insert("t", "(1, 1), (2, 9)");
    database.execute("UPDATE t SET note = 'kept'");
    insert("t", "(1, 1), (3, 1), (3, 1)");
    assertThat(database.rows("SELECT id, note FROM t ORDER BY id"))
        .containsExactly(List.of("1", "kept"), Arrays.asList("3", null));
  }

  @Test
  void eachDayOfABatchGetsItsPartitionByOneCall() throws Exception {
    createPartitionedTable();
    insert(
        "t",
        "(1, CAST(TIMESTAMP '2020-01-06 05:29:59.999999' AS TIMESTAMP_LTZ(6))),"
            + " (2, CAST(TIMESTAMP '2020-01-06 05:30:00' AS TIMESTAMP_LTZ(6))),"
            + " (3, CAST(TIMESTAMP '2020-01-06 12:00:00' AS TIMESTAMP_LTZ(6)))");
    assertThat(database.rows("SELECT day FROM calls ORDER BY day"))
        .as("days in UTC, which Kolkata is five and a half hours ahead of")
        .containsExactly(List.of("2020-01-05"), List.of("2020-01-06"));
    assertThat(database.rows("SELECT count(*) FROM t")).containsExactly(List.of("3"));
  }

  @Test
  void aPartitionThatRetentionDropsIsMadeAgain() throws Exception {
    createPartitionedTable();
    // The first call's partition is gone when the rows come, as if retention had been quicker.
    database.execute(
        "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            + " IF (SELECT count(*) FROM calls) = 1 THEN EXECUTE 'DROP TABLE t_20200106'; END IF;"
            + " RETURN NULL; END $$",
        "CREATE TRIGGER forget AFTER INSERT ON calls EXECUTE FUNCTION forget()",
        "ALTER FUNCTION ensure(date) RENAME TO make",
        "CREATE FUNCTION ensure(day date) RETURNS void LANGUAGE plpgsql AS $$ BEGIN"
            + " PERFORM make(day); END $$");
    insert("t", "(1, CAST(TIMESTAMP '2020-01-06 12:00:00' AS TIMESTAMP_LTZ(6)))");
    assertThat(database.rows("SELECT count(*) FROM t")).containsExactly(List.of("1"));
    assertThat(database.rows("SELECT day FROM calls")).hasSize(2);
  }

  private void createPartitionedTable() throws Exception {
    database.execute(
        "CREATE TABLE t (id integer, moment timestamptz, PRIMARY KEY (id, moment))"
            + " PARTITION BY RANGE (moment)",
        "CREATE TABLE calls (day date)",
        "CREATE FUNCTION ensure(day date) RETURNS void LANGUAGE plpgsql AS $$ BEGIN"
            + " EXECUTE format('CREATE TABLE %I PARTITION OF t FOR VALUES FROM (%L) TO (%L)',"
            + " 't_' || to_char(day, 'YYYYMMDD'), day || ' 00:00+00', day + 1 || ' 00:00+00');"
            + " INSERT INTO calls VALUES (day); END $$");
    create(
        "t",
        "id INT, `moment` TIMESTAMP_LTZ(6)",
        "id, `moment`",
        "'partition-function' = 'ensure', 'partition-column' = 'moment'");
  }

  @Test
  void aConnectionThatTheServerEndsIsMadeAgainAndTheBatchWrittenOnce() throws Exception {
    database.execute(
        "CREATE TABLE t (id integer PRIMARY KEY, name text)",
        // A sequence is the one thing that a transaction that dies does not take back.
        "CREATE SEQUENCE attempts",
        "CREATE FUNCTION die_twice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            + " IF nextval('attempts') <= 2 THEN PERFORM pg_terminate_backend(pg_backend_pid());"
            + " END IF; RETURN NULL; END $$",
        "CREATE TRIGGER die_twice AFTER INSERT ON t EXECUTE FUNCTION die_twice()");
    create("t", "id INT, name STRING");
    insert("t", "(1, 'a'), (2, 'b')");
    assertThat(database.rows("SELECT * FROM t ORDER BY id"))
        .containsExactly(List.of("1", "a"), List.of("2", "b"));
    assertThat(database.rows("SELECT last_value FROM attempts")).containsExactly(List.of("3"));
  }

  @Test
  void aDatabaseThatStaysAwayFailsTheJobAfterTheTimeThatWasGiven() throws Exception {
    tables.executeSql(
        "CREATE TABLE t (id INT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'postgres-copy',"
            + " 'url' = 'jdbc:postgresql://127.0.0.1:1/none', 'username' = 'u', 'password' = 'secret',"
            + " 'table-name' = 't', 'max-outage' = '1 ms')");
    assertThatThrownBy(() -> insert("t", "(1)"))
        .hasStackTraceContaining("PostgreSQL has been unreachable for more than PT0.001S")
        .satisfies(error -> assertThat(stackTrace(error)).doesNotContain("secret"));
  }

  @Test
  void rowsThatTheTableRefusesFailTheJobWithItsName() throws Exception {
    database.execute("CREATE TABLE t (id integer PRIMARY KEY CHECK (id > 0))");
    create("t", "id INT");
    assertThatThrownBy(() -> insert("t", "(1), (-1)"))
        .hasStackTraceContaining("PostgreSQL refuses a batch for t: ")
        .hasStackTraceContaining("violates check constraint");
    assertThat(database.rows("SELECT * FROM t")).as("whole or not at all").isEmpty();
  }

  @Test
  void aTableWithoutKeyIsRefused() {
    tables.executeSql("CREATE TABLE t (id INT) WITH (" + database.options("t") + ")");
    assertThatThrownBy(() -> insert("t", "(1)"))
        .hasStackTraceContaining("The table t has no primary key");
  }

  @Test
  void aGuardThatIsNoColumnIsRefused() {
    create("t", "id INT", "id", "'guard-column' = 'revision'");
    assertThatThrownBy(() -> insert("t", "(1)"))
        .hasStackTraceContaining("The guard column revision is not a column of t");
  }

  @Test
  void aPartitionFunctionWithoutColumnIsRefused() {
    create("t", "id INT", "id", "'partition-function' = 'ensure'");
    assertThatThrownBy(() -> insert("t", "(1)"))
        .hasStackTraceContaining("'partition-function' and 'partition-column' belong together");
  }

  @Test
  void aTypeThatCannotBeWrittenIsRefusedWithItsColumn() {
    create("t", "id INT, parts ARRAY<INT>");
    assertThatThrownBy(() -> insert("t", "(1, ARRAY[1])"))
        .hasStackTraceContaining("The column parts is a ARRAY<INT>, which this sink cannot write");
  }

  private void create(String table, String columns) {
    create(table, columns, "id");
  }

  private void create(String table, String columns, String key, String... options) {
    String quotedKey = key.contains("`") ? key : '`' + key + '`';
    String more = options.length == 0 ? "" : ", " + String.join(", ", options);
    tables.executeSql(
        "CREATE TABLE `%s` (%s, PRIMARY KEY (%s) NOT ENFORCED) WITH (%s%s)"
            .formatted(table, columns, quotedKey, database.options(table), more));
  }

  /** Runs a job of its own that writes these rows. */
  private void insert(String table, String values) throws Exception {
    tables.executeSql("INSERT INTO `%s` VALUES %s".formatted(table, values)).await();
  }

  private static String stackTrace(Throwable error) {
    StringWriter text = new StringWriter();
    error.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
