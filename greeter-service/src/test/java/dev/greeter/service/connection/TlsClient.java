package dev.greeter.service.connection;

import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A connection of the JDK's own TLS, that trusts everybody and speaks HTTP/2. */
final class TlsClient implements AutoCloseable {

  private final SSLSocket socket;

  /** Connects; no handshake yet. */
  TlsClient(int port) throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
    socket =
        (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(10_000);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    socket.setSSLParameters(parameters);
  }

  /** Offers these versions of TLS only. */
  TlsClient versions(String... versions) {
    socket.setEnabledProtocols(versions);
    return this;
  }

  /** Offers these cipher suites only. */
  TlsClient ciphers(String... ciphers) {
    socket.setEnabledCipherSuites(ciphers);
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

  /** Returns the version and the cipher suite that were agreed on. */
  String agreed() {
    return socket.getSession().getProtocol() + " " + socket.getSession().getCipherSuite();
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
