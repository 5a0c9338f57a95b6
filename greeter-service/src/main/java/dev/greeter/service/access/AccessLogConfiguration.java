package dev.greeter.service.access;

import dev.greeter.service.auth.OpenServicesInterceptor;
import io.github.bucket4j.TimeMeter;
import io.grpc.ServerInterceptor;
import io.grpc.health.v1.HealthGrpc;
import java.util.Set;
import net.devh.boot.grpc.common.util.InterceptorOrder;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

/** Puts the access log around all other interceptors, so that it sees what they refuse. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AccessLogProperties.class)
class AccessLogConfiguration {

  /**
   * Leaves out health, whose probes would be most of the lines of a service at rest. A log that is
   * off is not in the chain; a condition would be decided when the image is built.
   */
  @GrpcGlobalServerInterceptor
  @Order(InterceptorOrder.ORDER_FIRST)
  @Nullable ServerInterceptor accessLogInterceptor(AccessLogProperties settings) {
    return settings.isOff()
        ? null
        : new OpenServicesInterceptor(
            Set.of(HealthGrpc.SERVICE_NAME),
            new AccessLogInterceptor(new AccessLog(settings, TimeMeter.SYSTEM_NANOTIME)));
  }
}
