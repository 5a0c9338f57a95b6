package dev.greeter.service.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A connection of the JDK's own TLS, that trusts everybody and speaks HTTP/2. */
final class TlsClient implements AutoCloseable {

  private final SSLSocket socket;

  /** Connects without a certificate; no handshake yet. */
  TlsClient(int port) throws IOException, GeneralSecurityException {
    this(port, context());
  }

  /** Connects, and resumes a session that was made in the same context. */
  TlsClient(int port, SSLContext context) throws IOException {
    socket =
        (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(10_000);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    socket.setSSLParameters(parameters);
  }

  static SSLContext context(KeyManager... keys) throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
    return context;
  }

  /** Offers these versions of TLS only. */
  TlsClient versions(String... versions) {
    socket.setEnabledProtocols(versions);
    return this;
  }

  /** Asks for a host by any text. */
  TlsClient serverName(String name) {
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(List.of(new SNIServerName(0, name.getBytes(ISO_8859_1)) {}));
    socket.setSSLParameters(parameters);
    return this;
  }

  /** Makes a handshake, the first or a further one. */
  TlsClient handshake() throws IOException {
    socket.startHandshake();
    return this;
  }

  /** Reads a byte, which lets the JDK go on with a handshake. */
  int read() throws IOException {
    return socket.getInputStream().read();
  }

  void write(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** Returns the name in the service's certificate. */
  String certificate() throws IOException {
    var certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
    return certificate.getSubjectX500Principal().getName();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
