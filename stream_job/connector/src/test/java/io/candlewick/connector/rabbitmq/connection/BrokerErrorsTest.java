package io.candlewick.connector.rabbitmq.connection;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class BrokerErrorsTest {

  @Test
  void aStreamThatIsStillBeingDeclaredIsWaitedFor() {
    IOException error =
        refused("PRECONDITION_FAILED - queue 'q' does not have a replica on the local node");
    assertThat(BrokerErrors.permanentFor("q", error)).isEmpty();
  }

  @Test
  void aQueueThatIsNoStreamIsRefusedWithTheBrokersWords() {
    IOException error = refused("PRECONDITION_FAILED - x-stream-offset is not for classic queues");
    assertThat(BrokerErrors.permanentFor("q", error))
        .get()
        .extracting(Throwable::getMessage)
        .asString()
        .contains("cannot serve the queue q as a stream")
        .contains("not for classic queues");
  }

  private static IOException refused(String text) {
    AMQP.Channel.Close close =
        new AMQP.Channel.Close.Builder()
            .replyCode(AMQP.PRECONDITION_FAILED)
            .replyText(text)
            .classId(60)
            .methodId(20)
            .build();
    return new IOException(new ShutdownSignalException(false, false, close, null));
  }
}
