package io.candlewick.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.table.data.RowData;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.Test;

class IndicatorRowsTest {

  @Test
  void eachValueOfACandleBecomesARow() {
    List<RowData> rows = new ArrayList<>();
    new IndicatorRows()
        .flatMap(
            Row.of(
                "A",
                "5m",
                1_704_723_000_000_000L,
                7L,
                new String[] {"sma_20", "rsi_14"},
                new Double[] {10.5, null}),
            new ListCollector<>(rows));
    assertThat(rows)
        .extracting(
            row -> row.getString(0).toString(),
            row -> row.getString(1).toString(),
            row -> row.getTimestamp(2, 6).toString(),
            row -> row.getString(3).toString(),
            row -> row.isNullAt(4) ? null : row.getDouble(4),
            row -> row.getLong(5))
        .containsExactly(
            tuple("A", "5m", "2024-01-08T14:10", "sma_20", 10.5, 7L),
            tuple("A", "5m", "2024-01-08T14:10", "rsi_14", null, 7L));
  }
}
