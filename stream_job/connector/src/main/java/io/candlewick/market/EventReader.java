package io.candlewick.market;

import java.io.IOException;
import java.math.BigDecimal;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;

/**
 * Reads one JSON object as a market event. Not thread-safe: a subtask has one.
 *
 * <p>Every field is read where it stands and checked against the limits of {@link EventLimits}; the
 * first one that is wrong is remembered and the object is read to its end, so that the parser
 * stands behind it and the event after it can be read.
 */
final class EventReader {

  private final EventLimits limits;

  private BadEventException problem;
  private String eventId;
  private String source;
  private String symbol;
  private EventKind kind;
  private long eventTime;
  private long ingestTime;
  private int tradingDay;
  private long sequence;
  private BigDecimal price;
  private BigDecimal size;
  private BigDecimal dayVolume;
  private BigDecimal bid;
  private BigDecimal ask;
  private BigDecimal dayOpen;
  private BigDecimal dayHigh;
  private BigDecimal dayLow;
  private BigDecimal previousClose;
  private BigDecimal marketCap;
  private long sessionEnd;

  EventReader(EventLimits limits) {
    this.limits = limits;
  }

  /**
   * Reads the object the parser stands at the beginning of.
   *
   * @param latestMicros the latest time an event may have, microseconds since the epoch
   * @throws BadEventException when this event is to be refused; the parser then stands at its end
   * @throws IOException when the text is no JSON
   */
  MarketEvent read(JsonParser parser, long latestMicros) throws IOException, BadEventException {
    clear();
    String field;
    while ((field = parser.nextFieldName()) != null) {
      JsonToken token = parser.nextToken();
      if (token == JsonToken.VALUE_NULL || problem != null) {
        parser.skipChildren();
        continue;
      }
      try {
        readField(field, token, parser, latestMicros);
      } catch (BadEventException e) {
        problem = e;
      }
    }
    if (problem != null) {
      throw problem;
    }
    checkPresence();
    return new MarketEvent(
        eventId,
        source,
        symbol,
        kind,
        eventTime,
        ingestTime,
        tradingDay,
        sequence,
        price,
        size,
        dayVolume,
        bid,
        ask,
        dayOpen,
        dayHigh,
        dayLow,
        previousClose,
        marketCap,
        sessionEnd);
  }

  private void clear() {
    problem = null;
    eventId = source = symbol = null;
    kind = null;
    eventTime = ingestTime = EventLimits.NO_TIME;
    sessionEnd = MarketEvent.NO_TIME;
    tradingDay = MarketEvent.NO_DAY;
    sequence = MarketEvent.NO_SEQUENCE;
    price = size = dayVolume = bid = ask = null;
    dayOpen = dayHigh = dayLow = previousClose = marketCap = null;
  }

  private void readField(String field, JsonToken token, JsonParser parser, long latestMicros)
      throws IOException, BadEventException {
    switch (field) {
      case "event_id" -> eventId = limits.checkedEventId(text(field, token, parser));
      case "source" -> source = limits.checkedSource(text(field, token, parser));
      case "symbol" -> symbol = limits.checkedSymbol(text(field, token, parser));
      case "kind" -> kind = limits.checkedKind(text(field, token, parser));
      case "event_time" ->
          eventTime = limits.checkedTime(field, integer(field, token, parser), latestMicros);
      case "ingest_time" ->
          ingestTime = limits.checkedTime(field, integer(field, token, parser), latestMicros);
      case "trading_day" -> tradingDay = limits.checkedDay(text(field, token, parser));
      case "session_end" -> sessionEnd = integer(field, token, parser);
      case "sequence" -> sequence = integer(field, token, parser);
      case "price" -> price = limits.positive(field, number(field, token, parser));
      case "size" -> size = limits.notNegative(field, number(field, token, parser));
      case "day_volume" -> dayVolume = limits.notNegative(field, number(field, token, parser));
      case "bid" -> bid = number(field, token, parser);
      case "ask" -> ask = number(field, token, parser);
      case "day_open" -> dayOpen = number(field, token, parser);
      case "day_high" -> dayHigh = number(field, token, parser);
      case "day_low" -> dayLow = number(field, token, parser);
      case "previous_close" -> previousClose = number(field, token, parser);
      case "market_cap" -> marketCap = number(field, token, parser);
      default -> parser.skipChildren(); // A field of a later version of the contract.
    }
  }

  private void checkPresence() throws BadEventException {
    require("kind", kind != null, "every event has one");
    require("event_time", eventTime != EventLimits.NO_TIME, "every event has one");
    limits.checkSession(eventTime, tradingDay, sessionEnd);
    if (kind == EventKind.HEARTBEAT) {
      return;
    }
    require("symbol", symbol != null, "only a heartbeat has none");
    require("event_id", eventId != null, "only a heartbeat may have none");
    require("source", source != null, "only a heartbeat may have none");
    require("ingest_time", ingestTime != EventLimits.NO_TIME, "only a heartbeat may have none");
    if (kind == EventKind.BREAK) {
      return;
    }
    require("trading_day", tradingDay != MarketEvent.NO_DAY, "every trade and quote has one");
    require("price", price != null, "every trade and quote has one");
    require("size", size != null || kind != EventKind.TRADE, "every trade has one");
  }

  private static void require(String field, boolean present, String reason)
      throws BadEventException {
    if (!present) {
      throw new BadEventException(field, null, reason);
    }
  }

  private static String text(String field, JsonToken token, JsonParser parser)
      throws IOException, BadEventException {
    if (token != JsonToken.VALUE_STRING) {
      throw wrongType(field, token, parser, "it must be text");
    }
    return parser.getText();
  }

  private static BigDecimal number(String field, JsonToken token, JsonParser parser)
      throws IOException, BadEventException {
    if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
      throw wrongType(field, token, parser, "it must be a number");
    }
    return ExactNumber.read(parser, field);
  }

  private static long integer(String field, JsonToken token, JsonParser parser)
      throws IOException, BadEventException {
    if (token != JsonToken.VALUE_NUMBER_INT) {
      throw wrongType(field, token, parser, "it must be a whole number");
    }
    if (parser.getTextLength() > EventLimits.LONG_CHARACTERS
        || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      throw new BadEventException(field, new StringBuilder(parser.getText()), "it is out of range");
    }
    return parser.getLongValue();
  }

  private static BadEventException wrongType(
      String field, JsonToken token, JsonParser parser, String reason) throws IOException {
    if (token.isStructStart()) {
      parser.skipChildren();
      return new BadEventException(field, new StringBuilder("an object or array"), reason);
    }
    Object shown =
        token == JsonToken.VALUE_STRING ? parser.getText() : new StringBuilder(parser.getText());
    return new BadEventException(field, shown, reason);
  }
}
