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

/** A connection with the JDK's TLS that trusts every server and uses HTTP/2. */
final class TlsClient implements AutoCloseable {

  private final SSLSocket socket;

  /** Connects without a certificate or a handshake. */
  TlsClient(int port) throws IOException, GeneralSecurityException {
    this(port, context());
  }

  /** Connects and resumes a session of the same context. */
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

  /** Offers only these TLS versions. */
  TlsClient versions(String... versions) {
    socket.setEnabledProtocols(versions);
    return this;
  }

  /** Sends any text as the server name. */
  TlsClient serverName(String name) {
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(List.of(new SNIServerName(0, name.getBytes(ISO_8859_1)) {}));
    socket.setSSLParameters(parameters);
    return this;
  }

  /** Performs a handshake or a renegotiation. */
  TlsClient handshake() throws IOException {
    socket.startHandshake();
    return this;
  }

  /** Reads a byte, which lets the JDK continue a handshake. */
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
