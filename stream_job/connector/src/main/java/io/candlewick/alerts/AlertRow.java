package io.candlewick.alerts;

import io.candlewick.market.SnapshotRows;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.BigIntType;
import org.apache.flink.table.types.logical.DoubleType;
import org.apache.flink.table.types.logical.LocalZonedTimestampType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.VarCharType;

/** The rows of the table {@code alert_events}, as far as the job writes them. */
final class AlertRow {

  private static final LogicalType TEXT = new VarCharType(false, VarCharType.MAX_LENGTH);

  private static final RowType ROW_TYPE =
      RowType.of(
          new LogicalType[] {
            new BigIntType(false),
            TEXT,
            new LocalZonedTimestampType(false, 6),
            TEXT,
            new DoubleType()
          },
          new String[] {"rule_id", "symbol", "event_time", "message", "value"});

  private AlertRow() {}

  /** The type of the rows, in the order of their columns. */
  static InternalTypeInfo<RowData> typeInfo() {
    return InternalTypeInfo.of(ROW_TYPE);
  }

  static RowData of(AlertRule rule, Firing firing) {
    GenericRowData row = new GenericRowData(ROW_TYPE.getFieldCount());
    row.setField(0, rule.id());
    row.setField(1, StringData.fromString(rule.symbol()));
    row.setField(2, SnapshotRows.time(firing.eventTimeMicros()));
    row.setField(3, StringData.fromString(firing.message()));
    row.setField(4, firing.value());
    return row;
  }
}
