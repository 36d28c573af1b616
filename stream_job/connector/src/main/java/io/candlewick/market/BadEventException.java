package io.candlewick.market;

/** Why one event is refused: a sentence that names the field, its value and the reason. */
final class BadEventException extends Exception {

  private static final long serialVersionUID = 1L;
  private static final int SHOWN_CHARACTERS = 64;

  BadEventException(String field, Object value, String reason) {
    // Bad input is data, not a fault of ours: a stack trace would cost time and say nothing.
    super("%s is %s: %s.".formatted(field, cut(value), reason), null, false, false);
  }

  private static String cut(Object value) {
    if (value == null) {
      return "absent";
    }
    String text = value.toString();
    String shown =
        text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "…";
    return value instanceof String ? "\"" + shown.replaceAll("\\p{Cntrl}", "?") + "\"" : shown;
  }
}
