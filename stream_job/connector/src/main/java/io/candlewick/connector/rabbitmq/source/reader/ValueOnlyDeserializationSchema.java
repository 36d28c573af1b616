package io.candlewick.connector.rabbitmq.source.reader;

import java.io.IOException;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.Collector;

/** Lets any of Flink's formats decode the bodies; nothing else of the message is looked at. */
final class ValueOnlyDeserializationSchema<T> implements StreamDeserializationSchema<T> {
  private static final long serialVersionUID = 1L;

  private final DeserializationSchema<T> schema;
  private transient ForwardingCollector<T> collector;

  ValueOnlyDeserializationSchema(DeserializationSchema<T> schema) {
    this.schema = schema;
  }

  @Override
  public void open(DeserializationSchema.InitializationContext context) throws Exception {
    schema.open(context);
    collector = new ForwardingCollector<>();
  }

  @Override
  public void deserialize(StreamMessage message, Output<T> out) throws IOException {
    collector.out = out;
    schema.deserialize(message.body(), collector);
  }

  @Override
  public TypeInformation<T> getProducedType() {
    return schema.getProducedType();
  }

  private static final class ForwardingCollector<T> implements Collector<T> {
    private Output<T> out;

    @Override
    public void collect(T element) {
      out.collect(element, Long.MIN_VALUE);
    }

    @Override
    public void close() {}
  }
}
