package io.candlewick.connector.rabbitmq.source.reader;

import org.apache.flink.annotation.PublicEvolving;

/**
 * One message as the broker delivered it.
 *
 * @param queue the stream queue it came from
 * @param offset its offset in that stream; offsets of a stream are contiguous, apart from what
 *     retention removed
 * @param messageId the AMQP property {@code message_id}, or null where the publisher gave none
 * @param body the payload; shared with the connector, so not to be changed
 */
@PublicEvolving
public record StreamMessage(String queue, long offset, String messageId, byte[] body) {}
