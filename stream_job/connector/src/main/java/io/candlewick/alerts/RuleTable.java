package io.candlewick.alerts;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.postgresql.Driver;

/** Reads the table {@code alert_rules} over one connection, which is made when it is needed. */
final class RuleTable implements AutoCloseable {

  static {
    // Flink loads this jar by a class loader of the job, where drivers do not register themselves.
    new Driver();
  }

  private static final String QUERY =
      """
      SELECT id, symbol, kind, interval, parameters::text,
             (extract(epoch FROM updated_at) * 1000000)::bigint
      FROM alert_rules WHERE is_enabled AND deleted_at IS NULL ORDER BY id
      """;

  private final RuleDatabase database;
  private volatile Connection connection;

  RuleTable(RuleDatabase database) {
    this.database = database;
  }

  /** The rules that are enabled and not deleted, by id. */
  List<AlertRule> read() throws SQLException {
    try (Statement statement = connected().createStatement();
        ResultSet rows = statement.executeQuery(QUERY)) {
      List<AlertRule> rules = new ArrayList<>();
      while (rows.next()) {
        rules.add(
            new AlertRule(
                rows.getLong(1),
                rows.getString(2),
                rows.getString(3),
                rows.getString(4),
                rows.getString(5),
                rows.getLong(6)));
      }
      return List.copyOf(rules);
    } catch (SQLException e) {
      close();
      throw e;
    }
  }

  private Connection connected() throws SQLException {
    if (connection == null) {
      Properties properties = new Properties();
      properties.setProperty("user", database.username());
      properties.setProperty("password", database.password());
      properties.setProperty("ApplicationName", "candlewick-alert-rules");
      properties.setProperty("connectTimeout", "10");
      properties.setProperty("socketTimeout", "30");
      properties.setProperty("tcpKeepAlive", "true");
      connection = DriverManager.getConnection(database.url(), properties);
    }
    return connection;
  }

  /** Gives the connection up; another thread that reads on it fails. */
  @Override
  public void close() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        // It is being given up: the server ends what a broken connection left.
      }
    }
  }
}
