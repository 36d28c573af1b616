package io.candlewick.market;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;

/**
 * The limits of the event contract. What passes here fits into the tables, so that no single event
 * can stop the job at its sink. Not thread-safe: it remembers the texts it has checked.
 */
final class EventLimits {

  static final long NO_TIME = Long.MIN_VALUE;
  static final int LONG_CHARACTERS = 20;
  static final long FUTURE_MICROS = 5 * 60 * 1_000_000L;

  private static final long DAY_MICROS = 24 * 60 * 60 * 1_000_000L;
  private static final long SESSION_END_DAYS = 2;
  // Longer than the longest holidays of any exchange, over which a quote belongs to the day before.
  private static final long TRADING_DAY_DAYS = 14;
  private static final long EARLIEST_MICROS =
      Instant.parse("2000-01-01T00:00:00Z").getEpochSecond() * 1_000_000L;
  private static final int MAX_NAME_CHARACTERS = 64;
  // The index of the primary key takes at most 2,704 bytes a row, at up to 4 bytes a character.
  private static final int MAX_ID_CHARACTERS = 256;
  private static final int MAX_REMEMBERED = 100_000;

  private final Map<String, String> symbols = new HashMap<>();
  private final Map<String, String> sources = new HashMap<>();
  private String lastDayText = "";
  private int lastDay = MarketEvent.NO_DAY;

  String checkedEventId(String value) throws BadEventException {
    if (value.isBlank() || value.length() > MAX_ID_CHARACTERS || hasControl(value)) {
      throw new BadEventException(
          "event_id", value, "it must be 1 to 256 characters, none of them a control character");
    }
    return value;
  }

  String checkedSource(String value) throws BadEventException {
    String known = sources.get(value);
    if (known != null) {
      return known;
    }
    if (value.isBlank() || value.length() > MAX_NAME_CHARACTERS || hasControl(value)) {
      throw new BadEventException(
          "source", value, "it must be 1 to 64 characters, none of them a control character");
    }
    return remembered(sources, value);
  }

  String checkedSymbol(String value) throws BadEventException {
    String known = symbols.get(value);
    if (known != null) {
      return known;
    }
    boolean good = !value.isEmpty() && value.length() <= MAX_NAME_CHARACTERS;
    for (int i = 0; good && i < value.length(); i++) {
      good = isSymbolCharacter(value.charAt(i));
    }
    if (!good) {
      throw new BadEventException(
          "symbol", value, "it must be 1 to 64 characters of A-Z, 0-9 and . - _ / : ^ =");
    }
    return remembered(symbols, value);
  }

  EventKind checkedKind(String value) throws BadEventException {
    EventKind kind = EventKind.of(value);
    if (kind == null) {
      throw new BadEventException("kind", value, "it must be trade, quote, heartbeat or break");
    }
    return kind;
  }

  long checkedTime(String field, long micros, long latestMicros) throws BadEventException {
    if (micros < EARLIEST_MICROS || micros > latestMicros) {
      throw new BadEventException(
          field,
          micros,
          "it must be in microseconds since 1970, from the year 2000 to five minutes from now");
    }
    return micros;
  }

  /** Both times in microseconds since the epoch; what is absent is not checked. */
  void checkSession(long eventMicros, int tradingDay, long sessionEndMicros)
      throws BadEventException {
    if (tradingDay != MarketEvent.NO_DAY) {
      // A candle stays open until its day is over: a day far away would never be.
      long away = tradingDay - Math.floorDiv(eventMicros, DAY_MICROS);
      if (Math.abs(away) > TRADING_DAY_DAYS) {
        throw new BadEventException(
            "trading_day",
            LocalDate.ofEpochDay(tradingDay),
            "it must be within 14 days of event_time");
      }
    }
    if (sessionEndMicros != MarketEvent.NO_TIME
        && (sessionEndMicros < EARLIEST_MICROS
            || sessionEndMicros > eventMicros + SESSION_END_DAYS * DAY_MICROS)) {
      throw new BadEventException(
          "session_end",
          sessionEndMicros,
          "it must be in microseconds since 1970, from the year 2000 to 2 days after event_time");
    }
  }

  int checkedDay(String value) throws BadEventException {
    if (!value.equals(lastDayText)) {
      try {
        int day = Math.toIntExact(LocalDate.parse(value).toEpochDay());
        lastDay = checkedDayNumber(day, value);
      } catch (DateTimeParseException | ArithmeticException e) {
        throw new BadEventException("trading_day", value, "it must be a date as 2024-08-09");
      }
      lastDayText = value;
    }
    return lastDay;
  }

  BigDecimal positive(String field, BigDecimal value) throws BadEventException {
    if (value.signum() <= 0) {
      throw new BadEventException(field, value, "it must be greater than 0");
    }
    return value;
  }

  BigDecimal notNegative(String field, BigDecimal value) throws BadEventException {
    if (value.signum() < 0) {
      throw new BadEventException(field, value, "it must not be negative");
    }
    return value;
  }

  private static int checkedDayNumber(int day, String value) throws BadEventException {
    if (day < 0 || day > LocalDate.of(9999, 12, 31).toEpochDay()) {
      throw new BadEventException("trading_day", value, "it must be between 1970 and 9999");
    }
    return day;
  }

  private static String remembered(Map<String, String> texts, String value) {
    if (texts.size() >= MAX_REMEMBERED) {
      texts.clear();
    }
    texts.put(value, value);
    return value;
  }

  private static boolean hasControl(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (Character.isISOControl(value.charAt(i))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isSymbolCharacter(char c) {
    return c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || ".-_/:^=".indexOf(c) >= 0;
  }
}
