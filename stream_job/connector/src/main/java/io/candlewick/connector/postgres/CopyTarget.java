package io.candlewick.connector.postgres;

import java.io.Serializable;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The table that rows go to, and the statements that bring them there.
 *
 * @param table its name, with its schema where it is not on the search path
 * @param columns its columns, in the order of the rows' fields
 * @param key the columns of its primary key
 * @param guard the column whose higher value wins over the row that is there, or null where a row
 *     that is there stays
 */
record CopyTarget(String table, List<String> columns, List<String> key, String guard)
    implements Serializable {

  private static final String STAGE = "candlewick_stage";

  CopyTarget {
    if (key.isEmpty()) {
      throw new IllegalArgumentException(
          "The table %s has no primary key: without one a repeated write would double its rows."
              .formatted(table));
    }
    if (guard != null && !columns.contains(guard)) {
      throw new IllegalArgumentException(
          "The guard column %s is not a column of %s.".formatted(guard, table));
    }
  }

  boolean isGuarded() {
    return guard != null;
  }

  /** COPY straight into the table: for rows that are expected to be new. */
  String copyIntoTable() {
    return "COPY %s (%s) FROM STDIN (FORMAT binary)".formatted(quotedTable(), list(columns));
  }

  /** Makes the temporary table that lives as long as the connection and is emptied by a commit. */
  String createStage() {
    return "CREATE TEMPORARY TABLE IF NOT EXISTS %s ON COMMIT DELETE ROWS AS SELECT %s FROM %s WITH NO DATA"
        .formatted(STAGE, list(columns), quotedTable());
  }

  /** COPY into the temporary table. */
  String copyIntoStage() {
    return "COPY %s (%s) FROM STDIN (FORMAT binary)".formatted(STAGE, list(columns));
  }

  /** Moves the temporary table's rows into the table, as far as they are new or win. */
  String mergeStage() {
    String insert =
        "INSERT INTO %s AS present (%s) SELECT %s FROM %s ON CONFLICT (%s) DO "
            .formatted(quotedTable(), list(columns), list(columns), STAGE, list(key));
    if (!isGuarded()) {
      return insert + "NOTHING";
    }
    String assignments =
        columns.stream()
            .filter(column -> !key.contains(column))
            .map(column -> "%1$s = EXCLUDED.%1$s".formatted(quoted(column)))
            .collect(Collectors.joining(", "));
    return insert
        + "UPDATE SET %s WHERE EXCLUDED.%3$s > present.%3$s"
            .formatted(assignments, null, quoted(guard));
  }

  private String quotedTable() {
    return List.of(table.split("\\.")).stream()
        .map(CopyTarget::quoted)
        .collect(Collectors.joining("."));
  }

  private static String list(List<String> names) {
    return names.stream().map(CopyTarget::quoted).collect(Collectors.joining(", "));
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
