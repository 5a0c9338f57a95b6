package dev.greeter.service.tls;

import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts TLS on the server, in place of the starter's own, which stays as it was at the start. */
@Configuration(proxyBeanMethods = false)
class TlsConfiguration {

  /** No condition decides: for an image those are decided when it is built. */
  @Bean
  GrpcServerConfigurer tls(GrpcServerProperties properties) {
    if (!properties.getSecurity().isEnabled()) {
      return server -> {};
    }
    var certificates = new ServerCertificates(properties.getSecurity());
    SslContext tls = new FollowingSslContext(certificates.files(), certificates::load);
    // Or the starter would read the files, too, with a library that takes fewer kinds of keys.
    properties.getSecurity().setEnabled(false);
    return server -> {
      if (server instanceof NettyServerBuilder netty) {
        netty.sslContext(tls);
      }
    };
  }

  @Bean
  HandshakeLog handshakeLog() {
    return new HandshakeLog();
  }
}
