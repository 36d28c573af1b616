package io.candlewick.connector.postgres;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.factories.DynamicTableSinkFactory;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.types.logical.RowType;

/** Makes the sink of {@code CREATE TABLE ... WITH ('connector' = 'postgres-copy')}. */
public final class PostgresCopyTableFactory implements DynamicTableSinkFactory {

  static final String IDENTIFIER = "postgres-copy";

  static final ConfigOption<String> URL =
      ConfigOptions.key("url")
          .stringType()
          .noDefaultValue()
          .withDescription("JDBC address, without user and password.");
  static final ConfigOption<String> USERNAME =
      ConfigOptions.key("username").stringType().noDefaultValue();
  static final ConfigOption<String> PASSWORD =
      ConfigOptions.key("password").stringType().noDefaultValue();
  static final ConfigOption<String> TABLE_NAME =
      ConfigOptions.key("table-name").stringType().noDefaultValue();
  static final ConfigOption<String> GUARD_COLUMN =
      ConfigOptions.key("guard-column")
          .stringType()
          .noDefaultValue()
          .withDescription("A BIGINT column: a row replaces another only with a higher value.");
  static final ConfigOption<String> PARENT_TABLE =
      ConfigOptions.key("parent-table")
          .stringType()
          .noDefaultValue()
          .withDescription("A table with the key id: a row without its parent in it is left out.");
  static final ConfigOption<String> PARENT_COLUMN =
      ConfigOptions.key("parent-column").stringType().noDefaultValue();
  static final ConfigOption<String> PARTITION_FUNCTION =
      ConfigOptions.key("partition-function")
          .stringType()
          .noDefaultValue()
          .withDescription("Called with a UTC day before the first row of that day.");
  static final ConfigOption<String> PARTITION_COLUMN =
      ConfigOptions.key("partition-column").stringType().noDefaultValue();
  static final ConfigOption<Integer> MAX_ROWS =
      ConfigOptions.key("flush.max-rows").intType().defaultValue(20_000);
  static final ConfigOption<Duration> INTERVAL =
      ConfigOptions.key("flush.interval").durationType().defaultValue(Duration.ofMillis(250));
  static final ConfigOption<Duration> MAX_OUTAGE =
      ConfigOptions.key("max-outage")
          .durationType()
          .defaultValue(Duration.ofMinutes(10))
          .withDescription("How long an unreachable database is waited for.");

  @Override
  public String factoryIdentifier() {
    return IDENTIFIER;
  }

  @Override
  public Set<ConfigOption<?>> requiredOptions() {
    return Set.of(URL, USERNAME, PASSWORD, TABLE_NAME);
  }

  @Override
  public Set<ConfigOption<?>> optionalOptions() {
    return Set.of(
        GUARD_COLUMN,
        PARENT_TABLE,
        PARENT_COLUMN,
        PARTITION_FUNCTION,
        PARTITION_COLUMN,
        MAX_ROWS,
        INTERVAL,
        MAX_OUTAGE);
  }

  @Override
  public DynamicTableSink createDynamicTableSink(Context context) {
    FactoryUtil.TableFactoryHelper helper = FactoryUtil.createTableFactoryHelper(this, context);
    helper.validate();
    ReadableConfig config = helper.getOptions();
    ResolvedSchema schema = context.getCatalogTable().getResolvedSchema();
    List<String> columns = schema.getColumnNames();
    List<String> key =
        Arrays.stream(context.getPrimaryKeyIndexes()).mapToObj(columns::get).toList();
    checkTogether(config, PARTITION_FUNCTION, PARTITION_COLUMN);
    checkTogether(config, PARENT_TABLE, PARENT_COLUMN);
    CopyTarget.Parent parent =
        config
            .getOptional(PARENT_TABLE)
            .map(table -> new CopyTarget.Parent(config.get(PARENT_COLUMN), table))
            .orElse(null);
    try {
      CopyTarget target =
          new CopyTarget(
              config.get(TABLE_NAME),
              List.copyOf(columns),
              key,
              config.getOptional(GUARD_COLUMN).orElse(null),
              parent);
      return new PostgresCopyTableSink(
          target, options(config), (RowType) context.getPhysicalRowDataType().getLogicalType());
    } catch (IllegalArgumentException e) {
      throw new ValidationException(e.getMessage(), e);
    }
  }

  private static void checkTogether(
      ReadableConfig config, ConfigOption<String> one, ConfigOption<String> other) {
    if (config.getOptional(one).isPresent() != config.getOptional(other).isPresent()) {
      throw new ValidationException(
          "'%s' and '%s' belong together: give both or none.".formatted(one.key(), other.key()));
    }
  }

  private static CopyOptions options(ReadableConfig config) {
    return new CopyOptions(
        config.get(URL),
        config.get(USERNAME),
        config.get(PASSWORD),
        config.getOptional(PARTITION_FUNCTION).orElse(null),
        config.getOptional(PARTITION_COLUMN).orElse(null),
        config.get(MAX_ROWS),
        config.get(INTERVAL),
        config.get(MAX_OUTAGE));
  }
}
