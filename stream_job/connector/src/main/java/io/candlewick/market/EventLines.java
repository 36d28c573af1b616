package io.candlewick.market;

import io.candlewick.connector.rabbitmq.source.reader.StreamDeserializationSchema;
import io.candlewick.connector.rabbitmq.source.reader.StreamMessage;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.util.Collector;

/** Reads lines of text, each the body of a message, as the stream source reads messages. */
final class EventLines extends RichFlatMapFunction<String, MarketEvent> {

  private static final long serialVersionUID = 1L;

  private transient MarketEventSchema schema;

  @Override
  public void open(OpenContext context) {
    schema = new MarketEventSchema();
    schema.open(null);
  }

  @Override
  public void flatMap(String line, Collector<MarketEvent> out) throws Exception {
    byte[] body = line.getBytes(StandardCharsets.UTF_8);
    schema.deserialize(
        new StreamMessage("", 0, null, body),
        new StreamDeserializationSchema.Output<>() {
          @Override
          public void collect(MarketEvent event, long eventTimeMillis) {
            out.collect(event);
          }

          @Override
          public void reject(int index, byte[] event, String reason) {
            String text = new String(event, StandardCharsets.UTF_8);
            throw new IllegalArgumentException(reason + " Event: " + text);
          }
        });
  }
}
