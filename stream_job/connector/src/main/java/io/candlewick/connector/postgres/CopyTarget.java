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
 * @param parent what each row belongs to, or null; a row without its parent is left out
 */
record CopyTarget(String table, List<String> columns, List<String> key, String guard, Parent parent)
    implements Serializable {

  /** The column that refers to the key {@code id} of another table. */
  record Parent(String column, String table) implements Serializable {}

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
    if (parent != null && !columns.contains(parent.column())) {
      throw new IllegalArgumentException(
          "The parent column %s is not a column of %s.".formatted(parent.column(), table));
    }
  }

  boolean isGuarded() {
    return guard != null;
  }

  /** Whether rows have to be looked at beside the table before they go in. */
  boolean isMerged() {
    return isGuarded() || parent != null;
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
        "INSERT INTO %s AS present (%s) SELECT %s FROM %s%s ON CONFLICT (%s) DO "
            .formatted(quotedTable(), list(columns), list(columns), STAGE, withParent(), list(key));
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

  private String withParent() {
    return parent == null
        ? ""
        : " WHERE EXISTS (SELECT FROM %s AS parent WHERE parent.id = %s.%s)"
            .formatted(quotedPath(parent.table()), STAGE, quoted(parent.column()));
  }

  private String quotedTable() {
    return quotedPath(table);
  }

  private static String quotedPath(String path) {
    return List.of(path.split("\\.")).stream()
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
