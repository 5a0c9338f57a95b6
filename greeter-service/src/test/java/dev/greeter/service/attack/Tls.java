package dev.greeter.service.attack;

import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** The client's side of TLS, with any certificate: gRPC's for channels, the JDK's for sockets. */
final class Tls {

  static final SslContext FOR_CHANNELS = forChannels();

  private Tls() {}

  private static SslContext forChannels() {
    try {
      return GrpcSslContexts.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE).build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes a handshake, which agrees on HTTP/2, over a connection. */
  static Socket over(Socket socket) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
      String host = socket.getInetAddress().getHostAddress();
      var tls =
          (SSLSocket) context.getSocketFactory().createSocket(socket, host, socket.getPort(), true);
      SSLParameters parameters = tls.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2"});
      tls.setSSLParameters(parameters);
      tls.startHandshake();
      return tls;
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }
}
