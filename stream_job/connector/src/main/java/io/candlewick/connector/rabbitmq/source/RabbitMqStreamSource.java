package io.candlewick.connector.rabbitmq.source;

import io.candlewick.connector.rabbitmq.source.enumerator.RabbitMqStreamEnumerator;
import io.candlewick.connector.rabbitmq.source.enumerator.StreamEnumeratorState;
import io.candlewick.connector.rabbitmq.source.enumerator.StreamEnumeratorStateSerializer;
import io.candlewick.connector.rabbitmq.source.reader.RabbitMqStreamReader;
import io.candlewick.connector.rabbitmq.source.reader.StreamDeserializationSchema;
import io.candlewick.connector.rabbitmq.source.split.StreamSplit;
import io.candlewick.connector.rabbitmq.source.split.StreamSplitSerializer;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.util.UserCodeClassLoader;

/**
 * Reads RabbitMQ stream queues over AMQP 0-9-1.
 *
 * <p>A queue is a split. Its next offset is kept in the checkpoint and moves when the elements of a
 * message are emitted, so each message counts exactly once in the state of the job. A re-published
 * message is recognised by its {@code message_id}. An outage of the broker does not fail the job:
 * the source reconnects, for ever, where it was.
 *
 * @param <T> the type of the elements
 */
@PublicEvolving
public final class RabbitMqStreamSource<T>
    implements Source<T, StreamSplit, StreamEnumeratorState>, ResultTypeQueryable<T> {
  private static final long serialVersionUID = 1L;

  public static final int DEFAULT_PREFETCH = 100;
  public static final double DEFAULT_DEAD_LETTER_MAX_RATIO = 0.9;
  public static final int DEFAULT_DEAD_LETTER_WINDOW = 1_000;
  public static final int DEFAULT_DEDUPLICATION_WINDOW = 10_000;

  private final StreamSourceOptions options;
  private final StreamDeserializationSchema<T> deserializer;

  RabbitMqStreamSource(StreamSourceOptions options, StreamDeserializationSchema<T> deserializer) {
    this.options = options;
    this.deserializer = deserializer;
  }

  public static <T> RabbitMqStreamSourceBuilder<T> builder() {
    return new RabbitMqStreamSourceBuilder<>();
  }

  @Override
  public Boundedness getBoundedness() {
    return options.bounded() ? Boundedness.BOUNDED : Boundedness.CONTINUOUS_UNBOUNDED;
  }

  @Override
  public SplitEnumerator<StreamSplit, StreamEnumeratorState> createEnumerator(
      SplitEnumeratorContext<StreamSplit> context) {
    return new RabbitMqStreamEnumerator(options, context, StreamEnumeratorState.empty());
  }

  @Override
  public SplitEnumerator<StreamSplit, StreamEnumeratorState> restoreEnumerator(
      SplitEnumeratorContext<StreamSplit> context, StreamEnumeratorState state) {
    return new RabbitMqStreamEnumerator(options, context, state);
  }

  @Override
  public SourceReader<T, StreamSplit> createReader(SourceReaderContext context) throws Exception {
    deserializer.open(
        new DeserializationSchema.InitializationContext() {
          @Override
          public MetricGroup getMetricGroup() {
            return context.metricGroup().addGroup("deserializer");
          }

          @Override
          public UserCodeClassLoader getUserCodeClassLoader() {
            return context.getUserCodeClassLoader();
          }
        });
    return RabbitMqStreamReader.create(options, deserializer, context);
  }

  @Override
  public SimpleVersionedSerializer<StreamSplit> getSplitSerializer() {
    return new StreamSplitSerializer();
  }

  @Override
  public SimpleVersionedSerializer<StreamEnumeratorState> getEnumeratorCheckpointSerializer() {
    return new StreamEnumeratorStateSerializer();
  }

  @Override
  public TypeInformation<T> getProducedType() {
    return deserializer.getProducedType();
  }
}
