package io.candlewick.alerts;

/** A rule's parameters are not what its kind needs. */
final class UnreadableRuleException extends Exception {

  private static final long serialVersionUID = 1L;

  UnreadableRuleException(String message) {
    super(message);
  }
}
