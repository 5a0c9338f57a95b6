package dev.greeter.service.rate;

import dev.greeter.service.auth.OpenServicesInterceptor;
import io.github.bucket4j.TimeMeter;
import io.grpc.ServerInterceptor;
import io.grpc.health.v1.HealthGrpc;
import java.util.Set;
import net.devh.boot.grpc.common.util.InterceptorOrder;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

/** Puts the rate limit around the auth check, so that it slows guessing too. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(RateLimitProperties.class)
class RateLimitConfiguration {

  /**
   * Leaves out health, and no other service that is open without the secret: probes come at their
   * own pace, and one that is refused would have a busy service restarted.
   */
  @GrpcGlobalServerInterceptor
  @Order(InterceptorOrder.ORDER_SECURITY_AUTHENTICATION - 1)
  ServerInterceptor rateLimitInterceptor(RateLimitProperties settings) {
    return new OpenServicesInterceptor(
        Set.of(HealthGrpc.SERVICE_NAME),
        new RateLimitInterceptor(settings, TimeMeter.SYSTEM_NANOTIME));
  }
}
