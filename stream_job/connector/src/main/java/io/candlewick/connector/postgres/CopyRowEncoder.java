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

/**
 * Writes rows in PostgreSQL's binary COPY format: exact, and a fifth cheaper for both sides than
 * text, which one writes and the other reads again.
 */
final class CopyRowEncoder implements Serializable {

  private static final long serialVersionUID = 1L;

  /** What a COPY begins with: the signature, no flags, no extension. */
  static final byte[] HEADER = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
  };

  /** What a COPY ends with, in place of a row's number of fields. */
  static final byte[] TRAILER = {(byte) 0xff, (byte) 0xff};

  // PostgreSQL counts days and microseconds from 2000-01-01.
  private static final int EPOCH_DAY = 10_957;
  private static final long EPOCH_MICROS = 946_684_800_000_000L;
  private static final int NULL = -1;

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
    out.putShort(fields.size());
    for (int position = 0; position < fields.size(); position++) {
      encodeField(row, position, out);
    }
  }

  /** Writes the length of a field and its bytes. */
  void encodeField(RowData row, int position, CopyBuffer out) {
    if (row.isNullAt(position)) {
      out.putInt(NULL);
    } else {
      fields.get(position).encode(row, position, out);
    }
  }

  private static FieldEncoder encoder(String name, LogicalType type) {
    return switch (type.getTypeRoot()) {
      case CHAR, VARCHAR -> (row, at, out) -> putText(row.getString(at).toBytes(), out);
      case BOOLEAN -> (row, at, out) -> putBoolean(row.getBoolean(at), out);
      case INTEGER -> (row, at, out) -> putInt(row.getInt(at), out);
      case BIGINT -> (row, at, out) -> putLong(row.getLong(at), out);
      case DOUBLE -> (row, at, out) -> putLong(Double.doubleToLongBits(row.getDouble(at)), out);
      case DECIMAL -> decimal((DecimalType) type);
      case DATE -> (row, at, out) -> putInt(row.getInt(at) - EPOCH_DAY, out);
      case TIMESTAMP_WITH_LOCAL_TIME_ZONE -> time((LocalZonedTimestampType) type);
      default ->
          throw new IllegalArgumentException(
              "The column %s is a %s, which this sink cannot write.".formatted(name, type));
    };
  }

  private static FieldEncoder decimal(DecimalType type) {
    int precision = type.getPrecision();
    int scale = type.getScale();
    NumericEncoder numeric = new NumericEncoder();
    return (row, at, out) ->
        numeric.write(row.getDecimal(at, precision, scale).toBigDecimal(), out);
  }

  private static FieldEncoder time(LocalZonedTimestampType type) {
    int precision = type.getPrecision();
    return (row, at, out) -> {
      TimestampData time = row.getTimestamp(at, precision);
      long micros = time.getMillisecond() * 1000 + time.getNanoOfMillisecond() / 1000;
      putLong(micros - EPOCH_MICROS, out);
    };
  }

  private static void putText(byte[] utf8, CopyBuffer out) {
    out.putInt(utf8.length);
    out.put(utf8);
  }

  private static void putBoolean(boolean value, CopyBuffer out) {
    out.putInt(Byte.BYTES);
    out.putByte(value ? 1 : 0);
  }

  private static void putInt(int value, CopyBuffer out) {
    out.putInt(Integer.BYTES);
    out.putInt(value);
  }

  private static void putLong(long value, CopyBuffer out) {
    out.putInt(Long.BYTES);
    out.putLong(value);
  }

  /** The UTC day that a time column falls into. */
  static LocalDate dayOf(RowData row, int position) {
    return row.getTimestamp(position, 6).toInstant().atZone(ZoneOffset.UTC).toLocalDate();
  }
}
