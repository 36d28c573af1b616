package io.candlewick.connector.rabbitmq.source;

import io.candlewick.connector.rabbitmq.connection.BrokerUri;
import java.io.Serializable;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * What the builder collected, checked.
 *
 * @param uri address of the broker
 * @param queues names of the stream queues, without duplicates
 * @param startingOffsets where to begin without a checkpoint
 * @param bounded whether to end where the streams end at the start of the job
 * @param prefetch messages of one queue that may be delivered and not yet decoded
 * @param deadLetterQueue queue for what cannot be decoded, or null to fail on it
 * @param deadLetterMaxRatio share of undecodable messages above which the job fails, 0 to 1
 * @param deadLetterWindow how many messages that share is taken of
 * @param deduplicationWindow how many message ids of each queue are remembered; 0 switches it off
 */
@Internal
public record StreamSourceOptions(
    BrokerUri uri,
    List<String> queues,
    StartingOffsets startingOffsets,
    boolean bounded,
    int prefetch,
    String deadLetterQueue,
    double deadLetterMaxRatio,
    int deadLetterWindow,
    int deduplicationWindow)
    implements Serializable {}
