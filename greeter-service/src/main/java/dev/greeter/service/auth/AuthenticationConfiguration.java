package dev.greeter.service.auth;

import dev.greeter.service.telemetry.Telemetry;
import io.grpc.ServerInterceptor;
import net.devh.boot.grpc.common.util.InterceptorOrder;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** Puts the auth check in front of every service. */
@Configuration(proxyBeanMethods = false)
class AuthenticationConfiguration {

  private static final Logger log = LoggerFactory.getLogger(AuthenticationConfiguration.class);

  @Bean
  AuthenticationProperties authenticationProperties(Environment environment) {
    return AuthenticationProperties.from(environment);
  }

  @Bean
  AcceptedSecrets acceptedSecrets(AuthenticationProperties properties) {
    return properties.valueFile() == null
        ? AcceptedSecrets.fixed(properties.accepted())
        : AcceptedSecrets.following(properties.valueFile());
  }

  @GrpcGlobalServerInterceptor
  @Order(InterceptorOrder.ORDER_SECURITY_AUTHENTICATION)
  ServerInterceptor authenticationInterceptor(
      AuthenticationProperties properties, AcceptedSecrets secrets, Telemetry telemetry) {
    if (properties.isDemonstrationValue()) {
      log.warn(
          "The demonstration secret is in use, which everybody knows: set GREETER_AUTH_VALUE"
              + " to one of your own, for the service and for its clients");
    }
    return new OpenServicesInterceptor(
        properties.openServices(),
        new AuthenticationInterceptor(
            properties.header(), secrets, new PreviousSecretUse(), telemetry));
  }
}
