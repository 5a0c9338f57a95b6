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

/** What a server answers to the hello of TLS, which gRPC's own failures do not show. */
enum TlsProbe {
  /** It speaks TLS. */
  TLS,
  /** It speaks HTTP/2, as gRPC does, without TLS. */
  HTTP2,
  /** It says something else. */
  OTHER,
  /** It accepts the connection and says nothing. */
  SILENCE,
  /** There is no connection, or the server ends it, as a forwarded port does without a service. */
  UNREACHABLE;

  private static final Duration MAX_WAIT = Duration.ofSeconds(2);

  /**
   * Asks a server.
   *
   * @param timeout how long to wait at each step; 2 s at most
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
      // The length of a short frame (RFC 9113, section 4.1): an HTTP/2 server begins with one.
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
