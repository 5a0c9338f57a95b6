package dev.greeter.service.connection;

import dev.greeter.guard.file.FollowedFile;
import io.grpc.ServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import net.devh.boot.grpc.server.config.GrpcServerProperties.Security;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import org.jspecify.annotations.Nullable;

/**
 * Puts TLS on the server if the settings want it, in place of the starter's own, which stays as it
 * was at the start; and follows its files until it is closed.
 */
final class ServerTls implements GrpcServerConfigurer, AutoCloseable {

  static {
    // Of TLS 1.2 on a client's demand, at the cost of a signature each time. HTTP/2 forbids it (RFC
    // 9113, section 9.2.1). The JVM looks when it serves TLS for the first time, which is here.
    System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
  }

  private final @Nullable FollowedFile<SslContext> contexts;

  ServerTls(Security settings) {
    if (!settings.isEnabled()) {
      contexts = null;
      return;
    }
    var certificates = new ServerCertificates(settings);
    contexts = new FollowedFile<>("the files for TLS", certificates.files(), certificates::context);
    // Or the starter would read the files, too, with a library that takes fewer kinds of keys.
    settings.setEnabled(false);
  }

  @Override
  public void accept(ServerBuilder<?> server) {
    if (contexts != null && server instanceof NettyServerBuilder netty) {
      netty.sslContext(new FollowingSslContext(contexts));
    }
  }

  @Override
  public void close() {
    if (contexts != null) {
      contexts.close();
    }
  }
}
