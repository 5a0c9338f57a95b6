package dev.greeter.service.connection;

import dev.greeter.service.auth.AuthenticationProperties;
import dev.greeter.service.calls.CallLimitInterceptor;
import dev.greeter.service.calls.CallPolicy;
import dev.greeter.service.calls.ServicePolicies;
import dev.greeter.service.telemetry.Telemetry;
import dev.greeter.service.tls.HandshakeLog;
import java.time.Duration;
import net.devh.boot.grpc.common.util.InterceptorOrder;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

/** Puts the limits on the server and on its calls. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(LimitProperties.class)
class LimitConfiguration {

  /** A guarded call ends with {@code max-connection-age}. */
  private static final Duration AS_LONG_AS_ITS_CONNECTION = Duration.ofNanos(Long.MAX_VALUE);

  @Bean
  Transport transport() {
    return new Transport();
  }

  /** Which services are open, and what the calls of each may take. */
  @Bean
  ServicePolicies servicePolicies(
      LimitProperties limits, AuthenticationProperties auth, GrpcServerProperties server) {
    var open = limits.open();
    return new ServicePolicies(
        auth.openServices(),
        new CallPolicy(
            (int) open.maxRequestSize().toBytes(),
            open.callIdle(),
            open.maxCallsPerAddress(),
            open.maxCalls(),
            open.maxCallDuration()),
        new CallPolicy(
            (int) server.getMaxInboundMessageSize().toBytes(),
            limits.callIdle(),
            limits.maxCallsPerAddress(),
            limits.maxCalls(),
            AS_LONG_AS_ITS_CONNECTION));
  }

  @Bean
  Connections connections(LimitProperties limits, Transport transport, Telemetry telemetry) {
    var connections = new Connections(limits, transport.timer());
    telemetry.observeConnections(connections::open);
    return connections;
  }

  @Bean
  ServerLimits serverLimits(
      LimitProperties limits,
      ServicePolicies policies,
      Transport transport,
      Connections connections,
      HandshakeLog handshakes) {
    return new ServerLimits(limits, policies, transport, connections, handshakes);
  }

  /** Behind the check of the secret: a call that it refuses has ended already. */
  @GrpcGlobalServerInterceptor
  @Order(InterceptorOrder.ORDER_SECURITY_AUTHENTICATION + 1)
  CallLimitInterceptor callLimitInterceptor(ServicePolicies policies, Transport transport) {
    return new CallLimitInterceptor(policies, transport.timer());
  }
}
