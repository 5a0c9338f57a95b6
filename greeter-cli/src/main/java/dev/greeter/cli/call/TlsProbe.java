package dev.greeter.cli.call;

import com.google.common.net.HostAndPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** A server's answer to a TLS client hello, which gRPC's errors do not show. */
enum TlsProbe {
  /** The server uses TLS. */
  TLS,
  /** The server uses HTTP/2 without TLS, as gRPC does. */
  HTTP2,
  /** The server uses another protocol. */
  OTHER,
  /** The server accepts the connection but sends nothing. */
  SILENCE,
  /** The connection fails or is closed, for example by a forwarded port without a service. */
  UNREACHABLE;

  private static final Duration MAX_WAIT = Duration.ofSeconds(2);

  /**
   * Probes a server.
   *
   * @param timeout the timeout of each step; at most 2 s
   */
  static TlsProbe ask(HostAndPort server, Duration timeout) {
    int wait = (int) Math.max(1, Math.min(timeout.toMillis(), MAX_WAIT.toMillis()));
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), wait);
      socket.setSoTimeout(wait);
      return answer(socket, server);
    } catch (IOException e) {
      return UNREACHABLE;
    }
  }

  private static TlsProbe answer(Socket socket, HostAndPort server) {
    try {
      SSLEngine engine =
          SSLContext.getDefault().createSSLEngine(server.getHost(), server.getPort());
      engine.setUseClientMode(true);
      ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
      engine.wrap(ByteBuffer.allocate(0), hello);
      socket.getOutputStream().write(hello.array(), 0, hello.position());
      int first = socket.getInputStream().read();
      int second = socket.getInputStream().read();
      // A handshake or an alert of version 3.x (RFC 8446, section 5.1).
      if ((first == 22 || first == 21) && second == 3) {
        return TLS;
      }
      // The length of a short frame (RFC 9113, section 4.1): an HTTP/2 server starts with one.
      return second < 0 ? UNREACHABLE : first == 0 && second == 0 ? HTTP2 : OTHER;
    } catch (SocketTimeoutException e) {
      return SILENCE;
    } catch (IOException e) {
      return UNREACHABLE; // A reset.
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has a default SSLContext", e);
    }
  }
}
