package io.candlewick.connector.rabbitmq.source.enumerator;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.SourceEvent;

/**
 * Tells a reader that every queue is assigned: when it has none, it must not hold the watermark
 * back.
 */
@Internal
public record AllSplitsAssignedEvent() implements SourceEvent {}
