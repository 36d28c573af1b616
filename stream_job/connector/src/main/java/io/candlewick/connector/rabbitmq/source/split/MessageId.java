package io.candlewick.connector.rabbitmq.source.split;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A {@code message_id} cut to 128 bits, so that a window of them has a fixed size in a checkpoint.
 *
 * @param high the first half of the hash
 * @param low the second half
 */
public record MessageId(long high, long low) {
  private static final ThreadLocal<MessageDigest> DIGEST =
      ThreadLocal.withInitial(MessageId::sha256);

  /** Hashes an id; null for a message that has none. */
  public static MessageId of(String messageId) {
    if (messageId == null) {
      return null;
    }
    ByteBuffer hash =
        ByteBuffer.wrap(DIGEST.get().digest(messageId.getBytes(StandardCharsets.UTF_8)));
    return new MessageId(hash.getLong(), hash.getLong());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
