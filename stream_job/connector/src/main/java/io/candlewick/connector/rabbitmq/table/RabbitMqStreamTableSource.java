package io.candlewick.connector.rabbitmq.table;

import io.candlewick.connector.rabbitmq.source.RabbitMqStreamSource;
import io.candlewick.connector.rabbitmq.source.RabbitMqStreamSourceBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamSource;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.ProviderContext;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.connector.source.DataStreamScanProvider;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;
import org.apache.flink.table.connector.source.abilities.SupportsReadingMetadata;
import org.apache.flink.table.connector.source.abilities.SupportsWatermarkPushDown;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.types.DataType;

/** A table over stream queues. Watermarks are made for each queue, and merged by the source. */
final class RabbitMqStreamTableSource
    implements ScanTableSource, SupportsReadingMetadata, SupportsWatermarkPushDown {
  private final String tableName;
  private final ReadableConfig options;
  private final DecodingFormat<DeserializationSchema<RowData>> format;
  private final DataType physicalType;
  private DataType producedType;
  private List<StreamMetadata> metadata = List.of();
  private WatermarkStrategy<RowData> watermarks = WatermarkStrategy.noWatermarks();

  RabbitMqStreamTableSource(
      String tableName,
      ReadableConfig options,
      DecodingFormat<DeserializationSchema<RowData>> format,
      DataType physicalType) {
    this.tableName = tableName;
    this.options = options;
    this.format = format;
    this.physicalType = physicalType;
    this.producedType = physicalType;
  }

  @Override
  public ChangelogMode getChangelogMode() {
    return format.getChangelogMode();
  }

  @Override
  public ScanRuntimeProvider getScanRuntimeProvider(ScanContext context) {
    RabbitMqStreamSource<RowData> source =
        configured(RabbitMqStreamSource.<RowData>builder())
            .setDeserializer(
                new RowDataStreamDeserializationSchema(
                    format.createRuntimeDecoder(context, physicalType),
                    metadata,
                    context.createTypeInformation(producedType)))
            .build();
    return new Provider(
        source, watermarks, tableName, options.getOptional(FactoryUtil.SOURCE_PARALLELISM));
  }

  private RabbitMqStreamSourceBuilder<RowData> configured(
      RabbitMqStreamSourceBuilder<RowData> builder) {
    return builder
        .setUri(options.get(RabbitMqStreamConnectorOptions.URI))
        .setQueues(options.get(RabbitMqStreamConnectorOptions.QUEUES))
        .setStartingOffsets(RabbitMqStreamConnectorOptions.startingOffsets(options))
        .setBounded(options.get(RabbitMqStreamConnectorOptions.SCAN_BOUNDED))
        .setPrefetch(options.get(RabbitMqStreamConnectorOptions.PREFETCH))
        .setDeadLetterQueue(options.get(RabbitMqStreamConnectorOptions.DEAD_LETTER_QUEUE))
        .setDeadLetterLimit(
            options.get(RabbitMqStreamConnectorOptions.DEAD_LETTER_MAX_RATIO),
            options.get(RabbitMqStreamConnectorOptions.DEAD_LETTER_WINDOW))
        .setDeduplicationWindow(options.get(RabbitMqStreamConnectorOptions.DEDUPLICATION_WINDOW));
  }

  @Override
  public Map<String, DataType> listReadableMetadata() {
    return StreamMetadata.types();
  }

  @Override
  public void applyReadableMetadata(List<String> keys, DataType producedType) {
    this.metadata = StreamMetadata.of(keys);
    this.producedType = producedType;
  }

  @Override
  public void applyWatermark(WatermarkStrategy<RowData> watermarks) {
    this.watermarks = watermarks;
  }

  @Override
  public DynamicTableSource copy() {
    RabbitMqStreamTableSource copy =
        new RabbitMqStreamTableSource(tableName, options, format, physicalType);
    copy.producedType = producedType;
    copy.metadata = metadata;
    copy.watermarks = watermarks;
    return copy;
  }

  @Override
  public String asSummaryString() {
    return "RabbitMQ streams";
  }

  private record Provider(
      RabbitMqStreamSource<RowData> source,
      WatermarkStrategy<RowData> watermarks,
      String tableName,
      Optional<Integer> parallelism)
      implements DataStreamScanProvider {

    @Override
    public DataStream<RowData> produceDataStream(
        ProviderContext context, StreamExecutionEnvironment environment) {
      DataStreamSource<RowData> stream =
          environment.fromSource(source, watermarks, "rabbitmq-stream-" + tableName);
      context.generateUid("rabbitmq-stream").ifPresent(stream::uid);
      return stream;
    }

    @Override
    public boolean isBounded() {
      return source.getBoundedness() == org.apache.flink.api.connector.source.Boundedness.BOUNDED;
    }

    @Override
    public Optional<Integer> getParallelism() {
      return parallelism;
    }
  }
}
