package dev.greeter.cli.auth;

import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import net.devh.boot.grpc.client.config.NegotiationType;
import net.devh.boot.grpc.client.interceptor.GrpcGlobalClientInterceptor;
import net.devh.boot.grpc.common.util.InterceptorOrder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** Puts the secret on every channel. */
@Configuration(proxyBeanMethods = false)
class AuthenticationConfiguration {

  @Bean
  AuthenticationProperties authenticationProperties(Environment environment) {
    return AuthenticationProperties.from(environment);
  }

  @GrpcGlobalClientInterceptor
  @Order(InterceptorOrder.ORDER_SECURITY_AUTHENTICATION)
  AuthenticationInterceptor authenticationInterceptor(
      AuthenticationProperties properties, GrpcChannelsProperties channels) {
    boolean encrypted = channels.getGlobalChannel().getNegotiationType() == NegotiationType.TLS;
    return new AuthenticationInterceptor(
        properties.header(),
        new CurrentSecret(properties.value(), properties.valueFile()),
        new PlaintextGuard(encrypted || properties.allowPlaintext()));
  }
}
