package dev.greeter.service.tls;

import net.devh.boot.grpc.server.config.GrpcServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts TLS on the server, in place of the starter's own, which stays as it was at the start. */
@Configuration(proxyBeanMethods = false)
class TlsConfiguration {

  /** No condition decides: for an image those are decided when it is built. */
  @Bean
  ServerTls tls(GrpcServerProperties properties) {
    return new ServerTls(properties.getSecurity());
  }

  @Bean
  HandshakeLog handshakeLog() {
    return new HandshakeLog();
  }
}
