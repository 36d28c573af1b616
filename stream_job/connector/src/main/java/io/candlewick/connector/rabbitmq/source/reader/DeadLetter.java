package io.candlewick.connector.rabbitmq.source.reader;

import com.rabbitmq.client.AMQP;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Something that could not be decoded.
 *
 * @param message where it came from
 * @param index position of the element in the message, or {@link #WHOLE_MESSAGE}
 * @param body its original bytes
 * @param reason a sentence
 */
record DeadLetter(StreamMessage message, int index, byte[] body, String reason) {
  static final int WHOLE_MESSAGE = -1;

  private static final int MAX_BODY_BYTES = 1 << 20;
  private static final int MAX_REASON_CHARACTERS = 1_000;
  private static final int PERSISTENT = 2;

  /** The body to publish: at most 1 MiB of the original. */
  byte[] publishedBody() {
    return body.length > MAX_BODY_BYTES ? Arrays.copyOf(body, MAX_BODY_BYTES) : body;
  }

  AMQP.BasicProperties properties(long rejectedAtMicros) {
    Map<String, Object> headers = new HashMap<>();
    headers.put("x-reason", reason.substring(0, Math.min(reason.length(), MAX_REASON_CHARACTERS)));
    headers.put("x-source-queue", message.queue());
    headers.put("x-source-offset", message.offset());
    headers.put("x-rejected-at", rejectedAtMicros);
    if (index != WHOLE_MESSAGE) {
      headers.put("x-event-index", index);
    }
    if (message.messageId() != null) {
      headers.put("x-original-message-id", message.messageId());
    }
    if (body.length > MAX_BODY_BYTES) {
      headers.put("x-truncated-from", (long) body.length);
    }
    return new AMQP.BasicProperties.Builder().deliveryMode(PERSISTENT).headers(headers).build();
  }
}
