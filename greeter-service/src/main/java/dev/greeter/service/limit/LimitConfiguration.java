package dev.greeter.service.limit;

import dev.greeter.service.server.Transport;
import dev.greeter.service.telemetry.Telemetry;
import dev.greeter.service.tls.HandshakeLog;
import net.devh.boot.grpc.common.util.InterceptorOrder;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

/** Puts the limits on the server and on its calls. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(LimitProperties.class)
class LimitConfiguration {

  @Bean
  ServerLimits serverLimits(
      LimitProperties limits, Transport transport, HandshakeLog handshakes, Telemetry telemetry) {
    return new ServerLimits(limits, transport, handshakes, telemetry);
  }

  /** Behind the check of the secret: a call that it refuses has ended already. */
  @GrpcGlobalServerInterceptor
  @Order(InterceptorOrder.ORDER_SECURITY_AUTHENTICATION + 1)
  IdleCallInterceptor idleCallInterceptor(LimitProperties limits, Transport transport) {
    return new IdleCallInterceptor(limits.callIdle(), transport.timer());
  }
}
