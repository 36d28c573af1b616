package io.candlewick.connector.rabbitmq.source;

import static io.candlewick.connector.rabbitmq.source.StreamJobs.readAll;
import static io.candlewick.connector.rabbitmq.source.StreamJobs.source;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlewick.connector.rabbitmq.TcpProxy;
import io.candlewick.connector.rabbitmq.TestBroker;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** TLS ends in a proxy with a certificate of its own, made for 127.0.0.1. */
class TlsITCase {
  private static final String PASSWORD = "changeit";

  @RegisterExtension
  static final MiniClusterExtension CLUSTER = StreamJobs.cluster(InMemoryReporter.create());

  @RegisterExtension final TestBroker broker = new TestBroker();
  @TempDir Path directory;

  private SSLContext before;
  private SSLContext context;
  private String queue;

  @BeforeEach
  void makeACertificate() throws Exception {
    before = SSLContext.getDefault();
    context = contextOf(selfSigned());
    queue = broker.newStream();
    broker.publish(queue, "here");
  }

  @AfterEach
  void trustWhatWasTrustedBefore() {
    SSLContext.setDefault(before);
  }

  @Test
  void aCertificateOfTheTrustStoreIsAccepted() throws Exception {
    SSLContext.setDefault(context);
    try (TcpProxy proxy = TcpProxy.withTls(TestBroker.uri(), context)) {
      assertThat(readAll(source(queue).setUri(proxy.uri()))).containsExactly("here");
    }
  }

  @Test
  void anUnknownCertificateFailsTheJobWithASentence() throws Exception {
    try (TcpProxy proxy = TcpProxy.withTls(TestBroker.uri(), context)) {
      assertThatThrownBy(() -> readAll(source(queue).setUri(proxy.uri())))
          .hasStackTraceContaining("The certificate of RabbitMQ at amqps://127.0.0.1");
    }
  }

  @Test
  void aCertificateOfAnotherHostFailsTheJobWithASentence() throws Exception {
    SSLContext.setDefault(context);
    try (TcpProxy proxy = TcpProxy.withTls(TestBroker.uri(), context)) {
      String uri = proxy.uri().replace("127.0.0.1", "localhost");
      assertThatThrownBy(() -> readAll(source(queue).setUri(uri)))
          .hasStackTraceContaining("name the host as the certificate does");
    }
  }

  private KeyStore selfSigned() throws Exception {
    Path file = directory.resolve("proxy.p12");
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    Process process =
        new ProcessBuilder(
                keytool,
                "-genkeypair",
                "-alias",
                "proxy",
                "-keyalg",
                "EC",
                "-dname",
                "CN=proxy",
                "-ext",
                "SAN=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD.toCharArray());
    }
    return store;
  }

  private static SSLContext contextOf(KeyStore store) throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD.toCharArray());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("proxy", store.getCertificate("proxy"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }
}
