package dev.greeter.service.server;

import io.grpc.BindableService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import net.devh.boot.grpc.server.service.GrpcService;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Adds what the starter does not provide. */
@Configuration(proxyBeanMethods = false)
class ServerConfiguration {

  /** Returns reflection for newer clients; net.devh 3.1.0 registers only {@code v1alpha}. */
  @Bean
  @GrpcService
  @ConditionalOnProperty(name = "grpc.server.reflection-service-enabled", matchIfMissing = true)
  BindableService reflectionServiceV1() {
    return ProtoReflectionServiceV1.newInstance();
  }
}
