package io.candlewick.connector.postgres;

import java.io.Serializable;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LocalZonedTimestampType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;

/** Writes rows in PostgreSQL's COPY text format: decimals and times exactly. */
final class CopyRowEncoder implements Serializable {

  private static final long serialVersionUID = 1L;

  private interface FieldEncoder extends Serializable {
    void encode(RowData row, int position, CopyBuffer out);
  }

  private final List<FieldEncoder> fields;

  /**
   * Prepares to write rows of this type.
   *
   * @throws IllegalArgumentException a column's type cannot be written
   */
  CopyRowEncoder(RowType type) {
    this.fields = type.getFields().stream().map(f -> encoder(f.getName(), f.getType())).toList();
  }

  void encode(RowData row, CopyBuffer out) {
    for (int position = 0; position < fields.size(); position++) {
      if (position > 0) {
        out.put('\t');
      }
      encodeField(row, position, out);
    }
    out.put('\n');
  }

  void encodeField(RowData row, int position, CopyBuffer out) {
    if (row.isNullAt(position)) {
      out.putNull();
    } else {
      fields.get(position).encode(row, position, out);
    }
  }

  private static FieldEncoder encoder(String name, LogicalType type) {
    return switch (type.getTypeRoot()) {
      case CHAR, VARCHAR -> (row, at, out) -> out.putText(row.getString(at).toBytes());
      case BOOLEAN -> (row, at, out) -> out.put(row.getBoolean(at) ? 't' : 'f');
      case INTEGER -> (row, at, out) -> out.putAscii(Integer.toString(row.getInt(at)));
      case BIGINT -> (row, at, out) -> out.putAscii(Long.toString(row.getLong(at)));
      case DOUBLE -> (row, at, out) -> out.putAscii(Double.toString(row.getDouble(at)));
      case DECIMAL -> decimal((DecimalType) type);
      case DATE -> (row, at, out) -> putDate(LocalDate.ofEpochDay(row.getInt(at)), out);
      case TIMESTAMP_WITH_LOCAL_TIME_ZONE -> time((LocalZonedTimestampType) type);
      default ->
          throw new IllegalArgumentException(
              "The column %s is a %s, which this sink cannot write.".formatted(name, type));
    };
  }

  private static FieldEncoder decimal(DecimalType type) {
    int precision = type.getPrecision();
    int scale = type.getScale();
    return (row, at, out) ->
        out.putAscii(row.getDecimal(at, precision, scale).toBigDecimal().toPlainString());
  }

  private static FieldEncoder time(LocalZonedTimestampType type) {
    int precision = type.getPrecision();
    return (row, at, out) -> putTime(row.getTimestamp(at, precision), out);
  }

  private static void putTime(TimestampData time, CopyBuffer out) {
    long millis = time.getMillisecond();
    long second = Math.floorDiv(millis, 1000L);
    long day = Math.floorDiv(second, 86_400L);
    long ofDay = second - day * 86_400L;
    long micros = Math.floorMod(millis, 1000L) * 1000L + time.getNanoOfMillisecond() / 1000;
    putDate(LocalDate.ofEpochDay(day), out);
    out.put(' ');
    out.putPadded(ofDay / 3600, 2);
    out.put(':');
    out.putPadded(ofDay / 60 % 60, 2);
    out.put(':');
    out.putPadded(ofDay % 60, 2);
    out.put('.');
    out.putPadded(micros, 6);
    out.putAscii("+00");
  }

  private static void putDate(LocalDate date, CopyBuffer out) {
    out.putPadded(date.getYear(), 4);
    out.put('-');
    out.putPadded(date.getMonthValue(), 2);
    out.put('-');
    out.putPadded(date.getDayOfMonth(), 2);
  }

  /** The UTC day that a time column falls into. */
  static LocalDate dayOf(RowData row, int position) {
    return row.getTimestamp(position, 6).toInstant().atZone(ZoneOffset.UTC).toLocalDate();
  }
}
