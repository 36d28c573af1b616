package io.candlewick.connector.rabbitmq.table;

import io.candlewick.connector.rabbitmq.source.reader.StreamDeserializationSchema;
import io.candlewick.connector.rabbitmq.source.reader.StreamMessage;
import java.io.IOException;
import java.util.List;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.utils.JoinedRowData;

/** Adds the metadata columns behind those that the format decodes. */
final class RowDataStreamDeserializationSchema implements StreamDeserializationSchema<RowData> {
  private static final long serialVersionUID = 1L;

  private final StreamDeserializationSchema<RowData> format;
  private final List<StreamMetadata> metadata;
  private final TypeInformation<RowData> producedType;

  RowDataStreamDeserializationSchema(
      DeserializationSchema<RowData> format,
      List<StreamMetadata> metadata,
      TypeInformation<RowData> producedType) {
    this.format = StreamDeserializationSchema.of(format);
    this.metadata = metadata;
    this.producedType = producedType;
  }

  @Override
  public void open(DeserializationSchema.InitializationContext context) throws Exception {
    format.open(context);
  }

  @Override
  public void deserialize(StreamMessage message, Output<RowData> out) throws IOException {
    if (metadata.isEmpty()) {
      format.deserialize(message, out);
      return;
    }
    RowData metadataRow = StreamMetadata.row(metadata, message);
    format.deserialize(
        message,
        new Output<>() {
          @Override
          public void collect(RowData row, long eventTimeMillis) {
            out.collect(new JoinedRowData(row.getRowKind(), row, metadataRow), eventTimeMillis);
          }

          @Override
          public void reject(int index, byte[] element, String reason) {
            out.reject(index, element, reason);
          }
        });
  }

  @Override
  public TypeInformation<RowData> getProducedType() {
    return producedType;
  }
}
