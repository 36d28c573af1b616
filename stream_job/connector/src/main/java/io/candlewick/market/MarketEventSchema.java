package io.candlewick.market;

import io.candlewick.connector.rabbitmq.source.reader.StreamDeserializationSchema;
import io.candlewick.connector.rabbitmq.source.reader.StreamMessage;
import java.io.IOException;
import java.util.Arrays;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonFactory;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.StreamReadConstraints;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.json.JsonReadFeature;

/**
 * Decodes a message, a JSON array of 1 to 500 market events, straight from its bytes.
 *
 * <p>A message that is no such array is refused as a whole; in a good one, each event that breaks
 * the contract is refused alone and the others count.
 */
public final class MarketEventSchema implements StreamDeserializationSchema<MarketEvent> {

  private static final long serialVersionUID = 1L;

  /** The most events a message may hold. */
  public static final int MAX_EVENTS = 500;

  // Long enough that an absurd number is refused as one bad event and not with its message.
  private static final int MAX_NUMBER_CHARACTERS = 100_000;

  private transient JsonFactory json;
  private transient EventReader reader;

  @Override
  public void open(DeserializationSchema.InitializationContext context) {
    json =
        JsonFactory.builder()
            // NaN is no JSON, but some publishers write it: one bad event, not a bad message.
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .streamReadConstraints(
                StreamReadConstraints.builder().maxNumberLength(MAX_NUMBER_CHARACTERS).build())
            .build();
    reader = new EventReader(new EventLimits());
  }

  @Override
  public void deserialize(StreamMessage message, Output<MarketEvent> out) throws IOException {
    byte[] body = message.body();
    long latestMicros = System.currentTimeMillis() * 1000L + EventLimits.FUTURE_MICROS;
    try (JsonParser parser = json.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw new IOException("The message is not a JSON array of events.");
      }
      int index = 0;
      for (JsonToken token = parser.nextToken();
          token != JsonToken.END_ARRAY;
          token = parser.nextToken()) {
        if (index == MAX_EVENTS) {
          throw new IOException("The message holds more than %d events.".formatted(MAX_EVENTS));
        }
        int start = (int) parser.currentTokenLocation().getByteOffset();
        try {
          if (token != JsonToken.START_OBJECT) {
            parser.skipChildren();
            parser.finishToken(); // Text is read no further than its quote until it is asked for.
            throw new BadEventException(
                "event", new StringBuilder("a " + token), "it must be an object");
          }
          MarketEvent event = reader.read(parser, latestMicros);
          out.collect(event, event.eventTimeMillis());
        } catch (BadEventException e) {
          int end = (int) parser.currentLocation().getByteOffset();
          out.reject(index, Arrays.copyOfRange(body, start, end), e.getMessage());
        }
        index++;
      }
      if (index == 0) {
        throw new IOException("The message holds no event.");
      }
      if (parser.nextToken() != null) {
        throw new IOException("Something follows the array of events.");
      }
    }
  }

  @Override
  public TypeInformation<MarketEvent> getProducedType() {
    return MarketEventSerializer.typeInfo();
  }
}
