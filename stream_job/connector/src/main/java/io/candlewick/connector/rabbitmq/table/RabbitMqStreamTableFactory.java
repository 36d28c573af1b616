package io.candlewick.connector.rabbitmq.table;

import io.candlewick.connector.rabbitmq.connection.BrokerUri;
import java.util.Set;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DeserializationFormatFactory;
import org.apache.flink.table.factories.DynamicTableSourceFactory;
import org.apache.flink.table.factories.FactoryUtil;

/**
 * Makes {@code CREATE TABLE ... WITH ('connector' = 'rabbitmq-stream', 'format' = ...)} work, with
 * any format.
 */
@Internal
public final class RabbitMqStreamTableFactory implements DynamicTableSourceFactory {
  public static final String IDENTIFIER = "rabbitmq-stream";

  @Override
  public String factoryIdentifier() {
    return IDENTIFIER;
  }

  @Override
  public Set<ConfigOption<?>> requiredOptions() {
    return Set.of(
        RabbitMqStreamConnectorOptions.URI,
        RabbitMqStreamConnectorOptions.QUEUES,
        FactoryUtil.FORMAT);
  }

  @Override
  public Set<ConfigOption<?>> optionalOptions() {
    return Set.of(
        RabbitMqStreamConnectorOptions.SCAN_STARTUP_MODE,
        RabbitMqStreamConnectorOptions.SCAN_STARTUP_OFFSET,
        RabbitMqStreamConnectorOptions.SCAN_STARTUP_TIMESTAMP_MILLIS,
        RabbitMqStreamConnectorOptions.SCAN_BOUNDED,
        RabbitMqStreamConnectorOptions.PREFETCH,
        RabbitMqStreamConnectorOptions.DEAD_LETTER_QUEUE,
        RabbitMqStreamConnectorOptions.DEAD_LETTER_MAX_RATIO,
        RabbitMqStreamConnectorOptions.DEAD_LETTER_WINDOW,
        RabbitMqStreamConnectorOptions.DEDUPLICATION_WINDOW,
        FactoryUtil.SOURCE_PARALLELISM);
  }

  @Override
  public DynamicTableSource createDynamicTableSource(Context context) {
    FactoryUtil.TableFactoryHelper helper = FactoryUtil.createTableFactoryHelper(this, context);
    DecodingFormat<DeserializationSchema<RowData>> format =
        helper.discoverDecodingFormat(DeserializationFormatFactory.class, FactoryUtil.FORMAT);
    helper.validate();
    ReadableConfig options = helper.getOptions();
    validate(options);
    return new RabbitMqStreamTableSource(
        context.getObjectIdentifier().getObjectName(),
        options,
        format,
        context.getPhysicalRowDataType());
  }

  private static void validate(ReadableConfig options) {
    try {
      BrokerUri.parse(options.get(RabbitMqStreamConnectorOptions.URI));
      RabbitMqStreamConnectorOptions.startingOffsets(options);
    } catch (IllegalArgumentException e) {
      throw new ValidationException(e.getMessage());
    }
  }
}
