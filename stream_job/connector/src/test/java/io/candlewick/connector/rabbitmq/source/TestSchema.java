package io.candlewick.connector.rabbitmq.source;

import io.candlewick.connector.rabbitmq.source.reader.StreamDeserializationSchema;
import io.candlewick.connector.rabbitmq.source.reader.StreamMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;

/**
 * Elements are separated by commas. One that begins with "!" is bad, a message that begins with "#"
 * is bad as a whole, and one that is a number is its own event time.
 */
final class TestSchema implements StreamDeserializationSchema<String> {
  private static final long serialVersionUID = 1L;

  @Override
  public void deserialize(StreamMessage message, Output<String> out) throws IOException {
    String body = new String(message.body(), StandardCharsets.UTF_8);
    int index = 0;
    for (String element : body.split(",")) {
      if (element.startsWith("!")) {
        out.reject(
            index, element.getBytes(StandardCharsets.UTF_8), "It begins with an exclamation mark.");
      } else {
        boolean isTime = element.chars().allMatch(Character::isDigit);
        out.collect(element, isTime ? Long.parseLong(element) : Long.MIN_VALUE);
      }
      index++;
    }
    if (body.startsWith("#")) {
      throw new IOException("It begins with a hash.");
    }
  }

  @Override
  public TypeInformation<String> getProducedType() {
    return Types.STRING;
  }
}
