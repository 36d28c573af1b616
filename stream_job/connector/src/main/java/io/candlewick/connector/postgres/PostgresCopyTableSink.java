package io.candlewick.connector.postgres;

import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.sink.SinkV2Provider;
import org.apache.flink.table.types.logical.RowType;

/** A table whose rows are written by COPY. Rows are added or, with a guard, replaced. */
final class PostgresCopyTableSink implements DynamicTableSink {

  private final CopyTarget target;
  private final CopyOptions options;
  private final RowType type;

  PostgresCopyTableSink(CopyTarget target, CopyOptions options, RowType type) {
    this.target = target;
    this.options = options;
    this.type = type;
  }

  @Override
  public ChangelogMode getChangelogMode(ChangelogMode requested) {
    return ChangelogMode.insertOnly();
  }

  @Override
  public SinkRuntimeProvider getSinkRuntimeProvider(Context context) {
    return SinkV2Provider.of(new PostgresCopySink(target, options, new CopyRowEncoder(type)));
  }

  @Override
  public DynamicTableSink copy() {
    return new PostgresCopyTableSink(target, options, type);
  }

  @Override
  public String asSummaryString() {
    return "postgres-copy(%s)".formatted(target.table());
  }
}
