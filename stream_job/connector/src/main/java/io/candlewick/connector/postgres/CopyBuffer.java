package io.candlewick.connector.postgres;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes in PostgreSQL's COPY text format that grow as they are written, and are used again. */
final class CopyBuffer {

  private byte[] bytes = new byte[64 * 1024];
  private int length;

  byte[] array() {
    return bytes;
  }

  int length() {
    return length;
  }

  void clear() {
    length = 0;
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  void append(byte[] other) {
    reserve(other.length);
    System.arraycopy(other, 0, bytes, length, other.length);
    length += other.length;
  }

  void put(char ascii) {
    reserve(1);
    bytes[length++] = (byte) ascii;
  }

  void putNull() {
    put('\\');
    put('N');
  }

  /** Writes text that holds nothing to escape. */
  @SuppressWarnings("deprecation") // The fastest way for ASCII: no encoder, no copy.
  void putAscii(String text) {
    int count = text.length();
    reserve(count);
    text.getBytes(0, count, bytes, length);
    length += count;
  }

  /** Writes UTF-8 text, with what the format gives a meaning to escaped. */
  void putText(byte[] utf8) {
    reserve(2 * utf8.length);
    for (byte value : utf8) {
      char escaped = escape(value);
      if (escaped != 0) {
        bytes[length++] = '\\';
        bytes[length++] = (byte) escaped;
      } else {
        bytes[length++] = value;
      }
    }
  }

  void putText(String text) {
    putText(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes a number with at least so many digits. */
  void putPadded(long number, int digits) {
    reserve(20);
    long rest = number;
    int count = digits;
    for (long limit = 1, i = 0; i < digits; i++) {
      limit *= 10;
      if (i == digits - 1 && number >= limit) {
        count = Long.toString(number).length();
      }
    }
    for (int position = length + count - 1; position >= length; position--) {
      bytes[position] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += count;
  }

  private static char escape(byte value) {
    return switch (value) {
      case '\\' -> '\\';
      case '\t' -> 't';
      case '\n' -> 'n';
      case '\r' -> 'r';
      default -> 0;
    };
  }

  private void reserve(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }
}
