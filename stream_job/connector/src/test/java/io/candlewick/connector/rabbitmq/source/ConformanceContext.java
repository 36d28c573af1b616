package io.candlewick.connector.rabbitmq.source;

import io.candlewick.connector.rabbitmq.TestBroker;
import io.candlewick.connector.rabbitmq.source.reader.StreamDeserializationSchema;
import java.net.URL;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.connector.testframe.external.ExternalContextFactory;
import org.apache.flink.connector.testframe.external.ExternalSystemSplitDataWriter;
import org.apache.flink.connector.testframe.external.source.DataStreamSourceExternalContext;
import org.apache.flink.connector.testframe.external.source.TestingSourceSettings;

/**
 * What the conformance suite needs to know of RabbitMQ: four streams, the n-th of them is the n-th
 * split.
 */
final class ConformanceContext implements DataStreamSourceExternalContext<String> {
  private static final int MAX_SPLITS = 4;
  private static final int RECORDS = 100;

  private final TestBroker broker;
  private final List<String> queues = new ArrayList<>();
  private final Iterator<String> unused;

  private ConformanceContext(TestBroker broker) throws Exception {
    this.broker = broker;
    for (int i = 0; i < MAX_SPLITS; i++) {
      queues.add(broker.newStream());
    }
    this.unused = queues.iterator();
  }

  static ExternalContextFactory<ConformanceContext> factory() {
    return testName -> {
      try {
        return new ConformanceContext(new TestBroker().open());
      } catch (Exception e) {
        throw new IllegalStateException(e.getMessage(), e);
      }
    };
  }

  @Override
  public Source<String, ?, ?> createSource(TestingSourceSettings settings) {
    return RabbitMqStreamSource.<String>builder()
        .setUri(TestBroker.uri())
        .setQueues(queues)
        .setDeserializer(StreamDeserializationSchema.of(new SimpleStringSchema()))
        .setBounded(settings.getBoundedness() == Boundedness.BOUNDED)
        .build();
  }

  @Override
  public ExternalSystemSplitDataWriter<String> createSourceSplitDataWriter(
      TestingSourceSettings settings) {
    String queue = unused.next();
    return new ExternalSystemSplitDataWriter<>() {
      @Override
      public void writeRecords(List<String> records) {
        try {
          broker.publish(queue, records);
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public List<String> generateTestData(TestingSourceSettings settings, int splitIndex, long seed) {
    Random random = new Random(seed);
    List<String> records = new ArrayList<>();
    for (int i = 0; i < RECORDS; i++) {
      records.add(splitIndex + "-" + i + "-" + random.nextLong());
    }
    return records;
  }

  @Override
  public TypeInformation<String> getProducedType() {
    return TypeInformation.of(String.class);
  }

  @Override
  public List<URL> getConnectorJarPaths() {
    return List.of();
  }

  @Override
  public void close() throws Exception {
    broker.close();
  }

  @Override
  public String toString() {
    return "RabbitMQ streams";
  }
}
