package io.candlewick.connector.postgres;

import java.io.IOException;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.table.data.RowData;

/**
 * Writes rows to a table by COPY. It has no state: whatever it holds is written at a checkpoint.
 */
final class PostgresCopySink implements Sink<RowData> {

  private static final long serialVersionUID = 1L;

  private final CopyTarget target;
  private final CopyOptions options;
  private final CopyRowEncoder encoder;

  PostgresCopySink(CopyTarget target, CopyOptions options, CopyRowEncoder encoder) {
    this.target = target;
    this.options = options;
    this.encoder = encoder;
  }

  @Override
  public SinkWriter<RowData> createWriter(WriterInitContext context) throws IOException {
    return new PostgresCopyWriter(target, options, encoder, context);
  }
}
