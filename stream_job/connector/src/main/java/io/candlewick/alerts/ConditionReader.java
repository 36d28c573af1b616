package io.candlewick.alerts;

import io.candlewick.market.Interval;
import java.math.BigDecimal;
import java.util.Arrays;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonProcessingException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.DeserializationFeature;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;

/** Reads the parameters of a rule, and trusts none of them. */
final class ConditionReader {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
  private static final int MAX_CHARACTERS = 80;
  private static final int MAX_SCALE = 40;
  private static final int MAX_MINUTES = 7 * 24 * 60;
  private static final int MAX_CANDLES = 1_000;

  private final AlertRule rule;
  private final JsonNode parameters;

  private ConditionReader(AlertRule rule) throws UnreadableRuleException {
    this.rule = rule;
    try {
      this.parameters = JSON.readTree(rule.parameters());
    } catch (JsonProcessingException e) {
      throw unreadable("its parameters are not JSON");
    }
  }

  /**
   * What the rule waits for.
   *
   * @throws UnreadableRuleException a parameter is missing or out of its range
   */
  static Condition read(AlertRule rule) throws UnreadableRuleException {
    return new ConditionReader(rule).condition();
  }

  private Condition condition() throws UnreadableRuleException {
    checkInterval();
    return switch (rule.kind()) {
      case "price_cross" -> new PriceCross(level("price"));
      case "percent_move" -> percentMove();
      case "indicator_threshold" -> new IndicatorThreshold(text("indicator"), level("threshold"));
      case "indicator_cross" -> new IndicatorCross(text("indicator"), text("other"), direction());
      case "volume_spike" -> new VolumeSpike(positive("ratio"), whole("candles", MAX_CANDLES));
      case "feed_silent" -> new FeedSilent(whole("minutes", MAX_MINUTES));
      default -> throw unreadable("its kind is unknown");
    };
  }

  private void checkInterval() throws UnreadableRuleException {
    boolean wanted = !SymbolRules.KINDS_ON_EVENTS.contains(rule.kind());
    boolean known =
        Arrays.stream(Interval.values()).anyMatch(i -> i.wireName().equals(rule.interval()));
    if (wanted && !known) {
      throw unreadable("it needs an interval: 1m, 5m, 15m, 1h or 1d");
    }
    if (!wanted && rule.interval() != null) {
      throw unreadable("it reads events, which have no interval");
    }
  }

  private PercentMove percentMove() throws UnreadableRuleException {
    BigDecimal percent = positive("percent");
    BigDecimal hysteresis = hysteresis();
    if (hysteresis.compareTo(percent) >= 0) {
      throw unreadable("hysteresis must be less than percent, or it fires only once");
    }
    return new PercentMove(percent, whole("window_minutes", MAX_MINUTES), hysteresis, direction());
  }

  private Level level(String name) throws UnreadableRuleException {
    return new Level(number(name), hysteresis(), direction());
  }

  private Direction direction() throws UnreadableRuleException {
    return switch (text("direction")) {
      case "up" -> Direction.UP;
      case "down" -> Direction.DOWN;
      case "both" -> Direction.BOTH;
      default -> throw unreadable("direction must be up, down or both");
    };
  }

  private BigDecimal hysteresis() throws UnreadableRuleException {
    BigDecimal hysteresis =
        parameters.hasNonNull("hysteresis") ? number("hysteresis") : BigDecimal.ZERO;
    if (hysteresis.signum() < 0) {
      throw unreadable("hysteresis must not be negative");
    }
    return hysteresis;
  }

  private BigDecimal positive(String name) throws UnreadableRuleException {
    BigDecimal number = number(name);
    if (number.signum() <= 0) {
      throw unreadable(name + " must be greater than 0");
    }
    return number;
  }

  private int whole(String name, int largest) throws UnreadableRuleException {
    JsonNode node = parameters.path(name);
    if (!node.canConvertToInt() || !node.isIntegralNumber()) {
      throw unreadable(name + " must be a whole number");
    }
    if (node.intValue() < 1 || node.intValue() > largest) {
      throw unreadable("%s must be between 1 and %d".formatted(name, largest));
    }
    return node.intValue();
  }

  private BigDecimal number(String name) throws UnreadableRuleException {
    JsonNode node = parameters.path(name);
    String text = node.isTextual() || node.isNumber() ? node.asText() : "";
    try {
      if (text.length() <= MAX_CHARACTERS) {
        BigDecimal number = new BigDecimal(text);
        if (Math.abs(number.scale()) <= MAX_SCALE) {
          return number;
        }
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw unreadable(name + " must be a decimal number");
  }

  private String text(String name) throws UnreadableRuleException {
    String text = parameters.path(name).asText("");
    if (text.isEmpty() || text.length() > MAX_CHARACTERS) {
      throw unreadable(name + " is missing");
    }
    return text;
  }

  private UnreadableRuleException unreadable(String why) {
    return new UnreadableRuleException(
        "The alert rule %d (%s) cannot be read: %s.".formatted(rule.id(), rule.kind(), why));
  }
}
