package dev.greeter.cli.auth;

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
  AuthenticationInterceptor authenticationInterceptor(AuthenticationProperties properties) {
    return new AuthenticationInterceptor(properties.header(), properties.value());
  }
}
