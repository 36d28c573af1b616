package io.candlewick.market;

import org.apache.flink.table.data.RowData;

/** What tests look at of a row of the table {@code candles}; numbers without needless zeros. */
record Row(
    String minute,
    String open,
    String high,
    String low,
    String close,
    String volume,
    String vwap,
    long trades,
    boolean isFinal,
    boolean isPartial,
    long revision) {

  static Row of(RowData row) {
    return new Row(
        Events.timeOf(row.getTimestamp(2, 6).getMillisecond()),
        number(row, 4),
        number(row, 5),
        number(row, 6),
        number(row, 7),
        number(row, 8),
        number(row, 9),
        row.getLong(10),
        row.getBoolean(11),
        row.getBoolean(12),
        row.getLong(13));
  }

  private static String number(RowData row, int position) {
    return row.isNullAt(position)
        ? null
        : row.getDecimal(position, 38, 18).toBigDecimal().stripTrailingZeros().toPlainString();
  }
}
