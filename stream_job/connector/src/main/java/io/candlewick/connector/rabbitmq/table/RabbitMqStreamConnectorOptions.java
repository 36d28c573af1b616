package io.candlewick.connector.rabbitmq.table;

import io.candlewick.connector.rabbitmq.source.RabbitMqStreamSource;
import io.candlewick.connector.rabbitmq.source.StartingOffsets;
import java.util.List;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;

/** The options of {@code 'connector' = 'rabbitmq-stream'}. */
@PublicEvolving
public final class RabbitMqStreamConnectorOptions {
  public static final ConfigOption<String> URI =
      ConfigOptions.key("uri")
          .stringType()
          .noDefaultValue()
          .withDescription("Address of the broker: amqp(s)://user:password@host:port/vhost.");

  public static final ConfigOption<List<String>> QUEUES =
      ConfigOptions.key("queues")
          .stringType()
          .asList()
          .noDefaultValue()
          .withDescription("Names of the stream queues, separated by semicolons.");

  public static final ConfigOption<StartingOffsets.Mode> SCAN_STARTUP_MODE =
      ConfigOptions.key("scan.startup.mode")
          .enumType(StartingOffsets.Mode.class)
          .defaultValue(StartingOffsets.Mode.FIRST)
          .withDescription("Where to begin without a checkpoint.");

  public static final ConfigOption<Long> SCAN_STARTUP_OFFSET =
      ConfigOptions.key("scan.startup.offset")
          .longType()
          .noDefaultValue()
          .withDescription("The offset to begin at, in mode 'offset'.");

  public static final ConfigOption<Long> SCAN_STARTUP_TIMESTAMP_MILLIS =
      ConfigOptions.key("scan.startup.timestamp-millis")
          .longType()
          .noDefaultValue()
          .withDescription("Milliseconds since the epoch to begin at, in mode 'timestamp'.");

  public static final ConfigOption<Boolean> SCAN_BOUNDED =
      ConfigOptions.key("scan.bounded")
          .booleanType()
          .defaultValue(false)
          .withDescription("Whether to end where the streams end at the start of the job.");

  public static final ConfigOption<Integer> PREFETCH =
      ConfigOptions.key("prefetch")
          .intType()
          .defaultValue(RabbitMqStreamSource.DEFAULT_PREFETCH)
          .withDescription("Messages of one queue that may be delivered and not yet decoded.");

  public static final ConfigOption<String> DEAD_LETTER_QUEUE =
      ConfigOptions.key("dead-letter-queue")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Queue for messages that cannot be decoded; without one they fail the job.");

  public static final ConfigOption<Double> DEAD_LETTER_MAX_RATIO =
      ConfigOptions.key("dead-letter.max-ratio")
          .doubleType()
          .defaultValue(RabbitMqStreamSource.DEFAULT_DEAD_LETTER_MAX_RATIO)
          .withDescription("Share of undecodable messages above which the job fails.");

  public static final ConfigOption<Integer> DEAD_LETTER_WINDOW =
      ConfigOptions.key("dead-letter.window")
          .intType()
          .defaultValue(RabbitMqStreamSource.DEFAULT_DEAD_LETTER_WINDOW)
          .withDescription("Of how many of the latest messages that share is taken.");

  public static final ConfigOption<Integer> DEDUPLICATION_WINDOW =
      ConfigOptions.key("deduplication.window")
          .intType()
          .defaultValue(RabbitMqStreamSource.DEFAULT_DEDUPLICATION_WINDOW)
          .withDescription("How many message ids of each queue are remembered; 0 for none.");

  private RabbitMqStreamConnectorOptions() {}

  /** Reads where to begin. */
  static StartingOffsets startingOffsets(ReadableConfig options) {
    StartingOffsets.Mode mode = options.get(SCAN_STARTUP_MODE);
    return switch (mode) {
      case FIRST -> StartingOffsets.first();
      case LAST -> StartingOffsets.last();
      case NEXT -> StartingOffsets.next();
      case OFFSET -> StartingOffsets.offset(required(options, SCAN_STARTUP_OFFSET));
      case TIMESTAMP -> StartingOffsets.timestamp(required(options, SCAN_STARTUP_TIMESTAMP_MILLIS));
    };
  }

  private static long required(ReadableConfig options, ConfigOption<Long> option) {
    return options
        .getOptional(option)
        .orElseThrow(
            () ->
                new ValidationException(
                    "The option '"
                        + option.key()
                        + "' is missing; '"
                        + SCAN_STARTUP_MODE.key()
                        + "' asks for it."));
  }
}
