package dev.greeter.service.connection;

import dev.greeter.guard.Peers;
import dev.greeter.service.telemetry.Telemetry;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts the server on its event loops, the limits on its connections, and TLS on both. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ConnectionProperties.class)
class ConnectionConfiguration {

  @Bean
  Peers<Connection> peers(ConnectionProperties limits, Telemetry telemetry) {
    var peers =
        new Peers<Connection>(
            limits.maxConnections(),
            limits.maxConnectionsPerAddress(),
            limits.maxUnauthenticatedConnections(),
            limits.maxUnauthenticatedConnectionsPerAddress());
    telemetry.observe(
        "greeter.connections.open", "{connection}", "Connections that are open", peers::count);
    return peers;
  }

  @Bean
  Transport transport(ConnectionProperties limits, Peers<Connection> peers) {
    return new Transport(limits, peers);
  }

  /** No condition decides: for an image those are decided when it is built. */
  @Bean
  ServerTls tls(GrpcServerProperties properties) {
    return new ServerTls(properties.getSecurity());
  }
}
