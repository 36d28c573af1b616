package io.candlewick.connector.postgres;

import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/** A schema of its own in the database that POSTGRES_URL names; dropped at the end. */
final class TestDatabase implements AutoCloseable {

  private final String url;
  private final Map<String, String> login;
  private final Connection connection;
  private final String schema = "copy_" + UUID.randomUUID().toString().replace("-", "");

  TestDatabase() throws SQLException {
    String address = System.getenv("POSTGRES_URL");
    if (address == null) {
      throw new IllegalStateException(
          "POSTGRES_URL is not set: these tests need a PostgreSQL, as"
              + " jdbc:postgresql://host:port/database?user=...&password=...");
    }
    url = address.substring(0, address.indexOf('?'));
    String query = URI.create(address.substring("jdbc:".length())).getRawQuery();
    login =
        Arrays.stream(query.split("&"))
            .map(pair -> pair.split("=", 2))
            .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    connection = DriverManager.getConnection(address);
    execute("CREATE SCHEMA " + schema);
    execute("SET search_path = " + schema);
    execute("SET timezone = 'UTC'");
  }

  String user() {
    return login.get("user");
  }

  /** Options of a Flink table that writes to a table of this schema. */
  String options(String table, String... more) {
    List<String> options =
        new ArrayList<>(
            List.of(
                "'connector' = 'postgres-copy'",
                "'url' = '%s'".formatted(url),
                "'username' = '%s'".formatted(user()),
                "'password' = '%s'".formatted(login.getOrDefault("password", "")),
                "'table-name' = '%s.%s'".formatted(schema, table)));
    options.addAll(List.of(more));
    return "WITH (" + String.join(", ", options) + ")";
  }

  String schema() {
    return schema;
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The rows of a query, each as text with | between its columns. */
  List<String> rows(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      List<String> rows = new ArrayList<>();
      while (result.next()) {
        List<String> columns = new ArrayList<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
          columns.add(String.valueOf(result.getString(i)));
        }
        rows.add(String.join("|", columns));
      }
      return rows;
    }
  }

  @Override
  public void close() throws SQLException {
    execute("DROP SCHEMA " + schema + " CASCADE");
    connection.close();
  }
}
