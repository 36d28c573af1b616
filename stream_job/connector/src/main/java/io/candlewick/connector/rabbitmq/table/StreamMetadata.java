package io.candlewick.connector.rabbitmq.table;

import io.candlewick.connector.rabbitmq.source.reader.StreamMessage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.DataType;

/** The metadata columns of the table. */
enum StreamMetadata {
  QUEUE("queue", DataTypes.STRING().notNull()) {
    @Override
    Object read(StreamMessage message) {
      return StringData.fromString(message.queue());
    }
  },
  OFFSET("offset", DataTypes.BIGINT().notNull()) {
    @Override
    Object read(StreamMessage message) {
      return message.offset();
    }
  },
  MESSAGE_ID("message-id", DataTypes.STRING()) {
    @Override
    Object read(StreamMessage message) {
      return StringData.fromString(message.messageId());
    }
  };

  private final String key;
  private final DataType type;

  StreamMetadata(String key, DataType type) {
    this.key = key;
    this.type = type;
  }

  abstract Object read(StreamMessage message);

  /** The keys and types, as Flink asks for them. */
  static Map<String, DataType> types() {
    Map<String, DataType> types = new LinkedHashMap<>();
    for (StreamMetadata metadata : values()) {
      types.put(metadata.key, metadata.type);
    }
    return types;
  }

  static List<StreamMetadata> of(List<String> keys) {
    return keys.stream().map(StreamMetadata::of).toList();
  }

  private static StreamMetadata of(String key) {
    for (StreamMetadata metadata : values()) {
      if (metadata.key.equals(key)) {
        return metadata;
      }
    }
    throw new IllegalArgumentException(
        "There is no metadata column " + key + " in a RabbitMQ stream.");
  }

  static RowData row(List<StreamMetadata> columns, StreamMessage message) {
    GenericRowData row = new GenericRowData(columns.size());
    for (int i = 0; i < columns.size(); i++) {
      row.setField(i, columns.get(i).read(message));
    }
    return row;
  }
}
