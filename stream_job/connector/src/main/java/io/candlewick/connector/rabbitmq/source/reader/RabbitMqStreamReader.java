package io.candlewick.connector.rabbitmq.source.reader;

import io.candlewick.connector.rabbitmq.source.StreamSourceOptions;
import io.candlewick.connector.rabbitmq.source.enumerator.AllSplitsAssignedEvent;
import io.candlewick.connector.rabbitmq.source.metrics.StreamReaderMetrics;
import io.candlewick.connector.rabbitmq.source.split.StreamSplit;
import io.candlewick.connector.rabbitmq.source.split.StreamSplitState;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.connector.base.source.reader.SingleThreadMultiplexSourceReaderBase;
import org.apache.flink.connector.base.source.reader.splitreader.SplitReader;
import org.apache.flink.core.io.InputStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reader of one subtask: one connection and one fetcher thread for all its queues.
 *
 * @param <T> the type of the elements
 */
@Internal
public final class RabbitMqStreamReader<T>
    extends SingleThreadMultiplexSourceReaderBase<
        DecodedMessage<T>, T, StreamSplit, StreamSplitState> {
  private static final Logger LOG = LoggerFactory.getLogger(RabbitMqStreamReader.class);

  private final StreamSourceOptions options;
  private boolean allSplitsAssigned;

  private RabbitMqStreamReader(
      StreamSourceOptions options,
      Supplier<SplitReader<DecodedMessage<T>, StreamSplit>> splitReaders,
      StreamReaderMetrics metrics,
      SourceReaderContext context) {
    super(
        splitReaders,
        new RabbitMqStreamRecordEmitter<>(metrics),
        context.getConfiguration(),
        context);
    this.options = options;
  }

  /** Makes the reader of a subtask, with a schema that is open. */
  public static <T> RabbitMqStreamReader<T> create(
      StreamSourceOptions options,
      StreamDeserializationSchema<T> schema,
      SourceReaderContext context) {
    StreamReaderMetrics metrics = new StreamReaderMetrics(context.metricGroup());
    String name = "flink rabbitmq-stream reader " + context.getIndexOfSubtask();
    return new RabbitMqStreamReader<>(
        options,
        () -> new RabbitMqStreamSplitReader<>(options, schema, metrics, name),
        metrics,
        context);
  }

  @Override
  public void addSplits(List<StreamSplit> splits) {
    List<StreamSplit> wanted =
        splits.stream().filter(split -> options.queues().contains(split.splitId())).toList();
    if (wanted.size() < splits.size()) {
      LOG.warn(
          "Of the restored splits {} only those of the configured queues {} are read on",
          splits,
          options.queues());
    }
    if (!wanted.isEmpty()) {
      super.addSplits(wanted);
    }
  }

  @Override
  public void handleSourceEvents(SourceEvent event) {
    if (event instanceof AllSplitsAssignedEvent) {
      allSplitsAssigned = true;
      splitFetcherManager.getQueue().notifyAvailable();
    } else {
      super.handleSourceEvents(event);
    }
  }

  @Override
  public InputStatus pollNext(ReaderOutput<T> output) throws Exception {
    if (allSplitsAssigned && getNumberOfCurrentlyAssignedSplits() == 0) {
      output.markIdle(); // a reader without a queue must not hold the watermark back
    }
    return super.pollNext(output);
  }

  @Override
  protected void onSplitFinished(Map<String, StreamSplitState> finished) {
    // Only bounded splits finish, and their end was known from the start.
  }

  @Override
  protected StreamSplitState initializedState(StreamSplit split) {
    return new StreamSplitState(split, options.deduplicationWindow());
  }

  @Override
  protected StreamSplit toSplitType(String splitId, StreamSplitState state) {
    return state.toSplit();
  }
}
