package io.candlewick.connector.postgres;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.Properties;
import java.util.Set;
import org.postgresql.Driver;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** One connection, on which each batch is a transaction. Not connected until it is used. */
final class CopySession implements AutoCloseable {

  static {
    // Flink loads this jar by a class loader of the job, where drivers do not register themselves.
    new Driver();
  }

  private static final String UNIQUE_VIOLATION = "23505";

  private final CopyTarget target;
  private final CopyOptions options;
  private Connection connection;

  CopySession(CopyTarget target, CopyOptions options) {
    this.target = target;
    this.options = options;
  }

  /** Makes the partitions of these days; each at once, so that another batch sees it. */
  void ensurePartitions(Set<LocalDate> days) throws SQLException {
    String call = "SELECT %s(?)".formatted(options.partitionFunction());
    try (PreparedStatement statement = connected().prepareStatement(call)) {
      for (LocalDate day : days) {
        statement.setObject(1, day);
        statement.execute();
        connection.commit();
      }
    }
  }

  /** Writes a batch, whole or not at all. Writing it again changes nothing. */
  void write(CopyBuffer rows) throws SQLException {
    if (target.isMerged()) {
      merge(rows);
      return;
    }
    try {
      // Nearly always the rows are new, and going through a temporary table costs twice the time.
      copy(target.copyIntoTable(), rows);
      connected().commit();
    } catch (SQLException e) {
      if (!UNIQUE_VIOLATION.equals(e.getSQLState())) {
        throw e;
      }
      connection.rollback();
      merge(rows);
    }
  }

  private void merge(CopyBuffer rows) throws SQLException {
    try (Statement statement = connected().createStatement()) {
      statement.execute(target.createStage());
      copy(target.copyIntoStage(), rows);
      statement.execute(target.mergeStage());
    }
    connection.commit();
  }

  private void copy(String command, CopyBuffer rows) throws SQLException {
    CopyIn copy = connected().unwrap(PGConnection.class).getCopyAPI().copyIn(command);
    try {
      copy.writeToCopy(CopyRowEncoder.HEADER, 0, CopyRowEncoder.HEADER.length);
      copy.writeToCopy(rows.array(), 0, rows.length());
      copy.writeToCopy(CopyRowEncoder.TRAILER, 0, CopyRowEncoder.TRAILER.length);
      copy.endCopy();
    } finally {
      if (copy.isActive()) {
        copy.cancelCopy();
      }
    }
  }

  private Connection connected() throws SQLException {
    if (connection == null) {
      Properties properties = new Properties();
      properties.setProperty("user", options.username());
      properties.setProperty("password", options.password());
      properties.setProperty("ApplicationName", "candlewick-job");
      properties.setProperty("connectTimeout", "10");
      properties.setProperty("socketTimeout", "120");
      properties.setProperty("tcpKeepAlive", "true");
      connection = DriverManager.getConnection(options.url(), properties);
      connection.setAutoCommit(false);
    }
    return connection;
  }

  /** Gives the connection up, with whatever was not committed. */
  @Override
  public void close() {
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        // It is being given up: the server ends what a broken connection left.
      }
      connection = null;
    }
  }
}
