package io.candlewick.connector.postgres;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The real PostgreSQL of the environment variable POSTGRES_URL, with a schema that lives as long as
 * a test.
 */
public final class TestDatabase implements BeforeEachCallback, AfterEachCallback {

  private final String schema = "copy_test_" + UUID.randomUUID().toString().replace("-", "");
  private Connection connection;

  /** The address with its user; it is an error, not a reason to skip, when there is none. */
  private static String url() {
    String url = System.getProperty("POSTGRES_URL", System.getenv("POSTGRES_URL"));
    if (url == null || url.isBlank()) {
      throw new IllegalStateException(
          "These tests need a PostgreSQL: set POSTGRES_URL to an address such as"
              + " jdbc:postgresql://127.0.0.1:5432/test?user=postgres&password=secret, of a database"
              + " that they may make a schema in.");
    }
    return url;
  }

  @Override
  public void beforeEach(ExtensionContext context) throws SQLException {
    connection = DriverManager.getConnection(url());
    execute("CREATE SCHEMA " + schema);
    execute("SET search_path = " + schema);
  }

  @Override
  public void afterEach(ExtensionContext context) throws SQLException {
    execute("DROP SCHEMA " + schema + " CASCADE");
    connection.close();
  }

  /** Runs statements in the schema, each committed at once. */
  public void execute(String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** The rows of a query, each its columns as PostgreSQL writes them. */
  List<List<String>> rows(String query) throws SQLException {
    List<List<String>> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      while (result.next()) {
        List<String> row = new ArrayList<>();
        for (int column = 1; column <= result.getMetaData().getColumnCount(); column++) {
          row.add(result.getString(column));
        }
        rows.add(row);
      }
    }
    return rows;
  }

  /** The address of the schema, without user and password. */
  public String address() {
    return "%s?currentSchema=%s".formatted(url().split("\\?")[0], schema);
  }

  /** The user to log in as. */
  public String user() {
    return parameter("user");
  }

  /** The user's password. */
  public String password() {
    return parameter("password");
  }

  /** The options by which a Flink table finds a table of the schema. */
  String options(String table) {
    return "'connector' = 'postgres-copy', 'url' = '%s', 'username' = '%s', 'password' = '%s', 'table-name' = '%s'"
        .formatted(address(), user(), password(), table);
  }

  private static String parameter(String name) {
    for (String pair : url().substring(url().indexOf('?') + 1).split("&")) {
      if (pair.startsWith(name + "=")) {
        return URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8);
      }
    }
    return "";
  }
}
