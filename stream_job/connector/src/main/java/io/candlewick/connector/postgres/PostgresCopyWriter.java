package io.candlewick.connector.postgres;

import java.io.IOException;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.Set;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.table.data.RowData;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers rows and writes them when there are enough, when the oldest has waited long enough, and
 * at a checkpoint.
 *
 * <p>While the database is away it waits, which holds the job back; nothing is dropped.
 */
final class PostgresCopyWriter implements SinkWriter<RowData> {

  private static final Logger LOG = LoggerFactory.getLogger(PostgresCopyWriter.class);
  private static final String NO_PARTITION = "23514";

  private final CopyTarget target;
  private final CopyOptions options;
  private final CopySession session;
  private final PendingRows pending;
  private final int partitionColumn;
  private final Set<LocalDate> days = new HashSet<>();
  private final Set<LocalDate> partitioned = new HashSet<>();
  private final ProcessingTimeService clock;
  private final Counter sent;
  private final Counter batches;
  private final Counter retries;
  private boolean timerRuns;
  private boolean closed;

  PostgresCopyWriter(
      CopyTarget target, CopyOptions options, CopyRowEncoder encoder, WriterInitContext context) {
    this.target = target;
    this.options = options;
    this.session = new CopySession(target, options);
    this.pending = new PendingRows(target, encoder);
    this.partitionColumn =
        options.partitionColumn() == null
            ? -1
            : target.columns().indexOf(options.partitionColumn());
    this.clock = context.getProcessingTimeService();
    this.sent = context.metricGroup().getNumRecordsSendCounter();
    this.batches = context.metricGroup().counter("batches");
    this.retries = context.metricGroup().counter("retries");
  }

  @Override
  public void write(RowData row, Context context) throws IOException, InterruptedException {
    pending.add(row);
    if (partitionColumn >= 0) {
      days.add(CopyRowEncoder.dayOf(row, partitionColumn));
    }
    if (pending.size() >= options.maxRows()) {
      flush(false);
    } else if (!timerRuns) {
      timerRuns = true;
      clock.registerTimer(
          clock.getCurrentProcessingTime() + options.interval().toMillis(), this::onTimer);
    }
  }

  private void onTimer(long time) throws IOException, InterruptedException {
    timerRuns = false;
    if (!closed) {
      flush(false);
    }
  }

  @Override
  public void flush(boolean endOfInput) throws IOException, InterruptedException {
    if (pending.size() == 0) {
      return;
    }
    CopyBuffer rows = pending.encoded();
    Outage outage = null;
    while (true) {
      try {
        writeOnce(rows);
        break;
      } catch (SQLException e) {
        session.close();
        partitioned.clear();
        if (!Outage.isPassing(e)) {
          throw new IOException(
              "PostgreSQL refuses a batch for %s: %s".formatted(target.table(), e.getMessage()), e);
        }
        if (outage == null) {
          outage = new Outage(options.maxOutage());
          LOG.warn("{} cannot be written, trying again: {}", target.table(), e.getMessage());
        }
        retries.inc();
        outage.await(e);
      }
    }
    if (outage != null) {
      LOG.info("{} is written again.", target.table());
    }
    sent.inc(pending.size());
    batches.inc();
    pending.clear();
    days.clear();
  }

  private void writeOnce(CopyBuffer rows) throws SQLException {
    ensurePartitions();
    try {
      session.write(rows);
    } catch (SQLException e) {
      if (partitionColumn < 0 || !NO_PARTITION.equals(e.getSQLState())) {
        throw e;
      }
      // Retention has dropped a partition that was made by us.
      session.close();
      partitioned.clear();
      ensurePartitions();
      session.write(rows);
    }
  }

  private void ensurePartitions() throws SQLException {
    if (!partitioned.containsAll(days)) {
      Set<LocalDate> missing = new HashSet<>(days);
      missing.removeAll(partitioned);
      session.ensurePartitions(missing);
      partitioned.addAll(missing);
    }
  }

  @Override
  public void close() {
    closed = true;
    session.close();
  }
}
