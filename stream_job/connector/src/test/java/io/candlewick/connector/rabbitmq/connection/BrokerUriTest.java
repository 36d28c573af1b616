package io.candlewick.connector.rabbitmq.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.ConnectionFactory;
import org.junit.jupiter.api.Test;

class BrokerUriTest {
  @Test
  void theVirtualHostAndTheLogInAreTakenFromTheUri() {
    ConnectionFactory factory =
        BrokerUri.parse("amqp://me:p%40ss@host:5673/market").connectionFactory();
    assertThat(factory.getVirtualHost()).isEqualTo("market");
    assertThat(factory.getUsername()).isEqualTo("me");
    assertThat(factory.getPassword()).isEqualTo("p@ss");
    assertThat(factory.getPort()).isEqualTo(5673);
    assertThat(factory.isAutomaticRecoveryEnabled()).isFalse();
  }

  @Test
  void withoutAPathItIsTheDefaultVirtualHost() {
    assertThat(BrokerUri.parse("amqp://host").connectionFactory().getVirtualHost()).isEqualTo("/");
    assertThat(BrokerUri.parse("amqp://host/%2F").connectionFactory().getVirtualHost())
        .isEqualTo("/");
  }

  @Test
  void anEmptyVirtualHostIsRefused() {
    assertThatThrownBy(() -> BrokerUri.parse("amqp://me:secret@host/"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a virtual host with an empty name")
        .hasMessageNotContaining("secret");
  }

  @Test
  void whatIsNoRabbitMqUriIsRefused() {
    assertThatThrownBy(() -> BrokerUri.parse("http://host/x"))
        .hasMessageContaining("amqp:// or amqps://");
    assertThatThrownBy(() -> BrokerUri.parse("amqp:///x")).hasMessageContaining("names no host");
    assertThatThrownBy(() -> BrokerUri.parse("amqp://me:se cret@host/x"))
        .hasMessageContaining("percent-encoded")
        .hasMessageNotContaining("cret@");
    assertThatThrownBy(() -> BrokerUri.parse("amqp://me:secret@host/a/b"))
        .hasMessageContaining("not usable")
        .hasMessageNotContaining("secret");
  }

  @Test
  void itsTextLeavesTheLogInOut() {
    assertThat(BrokerUri.parse("amqps://me:secret@host:5671/market"))
        .hasToString("amqps://host:5671/market");
  }

  @Test
  void amqpsIsTls() {
    assertThat(BrokerUri.parse("amqps://host/market").connectionFactory().isSSL()).isTrue();
    assertThat(BrokerUri.parse("amqp://host/market").connectionFactory().isSSL()).isFalse();
  }
}
