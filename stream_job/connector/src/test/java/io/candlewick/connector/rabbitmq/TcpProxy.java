package io.candlewick.connector.rabbitmq;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;

/** Stands between a source and the broker, to cut their connections and to play an outage. */
public final class TcpProxy implements AutoCloseable {
  private final URI broker;
  private final String scheme;
  private final ServerSocket server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private volatile boolean outage;

  public TcpProxy(String brokerUri) throws IOException {
    this(brokerUri, "amqp", ServerSocketFactory.getDefault());
  }

  /** A proxy that speaks TLS with its clients. */
  public static TcpProxy withTls(String brokerUri, SSLContext context) throws IOException {
    return new TcpProxy(brokerUri, "amqps", context.getServerSocketFactory());
  }

  private TcpProxy(String brokerUri, String scheme, ServerSocketFactory sockets)
      throws IOException {
    this.broker = URI.create(brokerUri);
    this.scheme = scheme;
    this.server = sockets.createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    threads.execute(this::accept);
  }

  /** The broker's URI, by way of this proxy. */
  public String uri() {
    return scheme
        + "://"
        + broker.getRawUserInfo()
        + "@"
        + server.getInetAddress().getHostAddress()
        + ":"
        + server.getLocalPort()
        + broker.getRawPath();
  }

  /** Cuts every connection, and accepts none until {@link #endOutage}. */
  public void beginOutage() {
    outage = true;
    cut();
  }

  public void endOutage() {
    outage = false;
  }

  /** Cuts every connection; new ones are welcome. */
  public void cut() {
    sockets.forEach(TcpProxy::closeQuietly);
    sockets.clear();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        if (outage) {
          client.close();
          continue;
        }
        int port = broker.getPort() < 0 ? 5672 : broker.getPort();
        Socket upstream = new Socket(broker.getHost(), port);
        sockets.add(client);
        sockets.add(upstream);
        threads.execute(() -> copy(client, upstream));
        threads.execute(() -> copy(upstream, client));
      } catch (IOException e) {
        closeAllIfOver();
      }
    }
  }

  private void closeAllIfOver() {
    if (server.isClosed()) {
      cut();
    }
  }

  private static void copy(Socket from, Socket to) {
    try (InputStream in = from.getInputStream()) {
      in.transferTo(to.getOutputStream());
    } catch (IOException e) {
      closeQuietly(from);
    } finally {
      closeQuietly(to);
    }
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    cut();
    threads.shutdownNow();
  }
}
