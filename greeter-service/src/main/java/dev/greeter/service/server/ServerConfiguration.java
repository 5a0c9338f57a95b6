package dev.greeter.service.server;

import dev.greeter.service.GreeterProperties;
import io.grpc.BindableService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import net.devh.boot.grpc.server.service.GrpcService;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.VirtualThreadTaskExecutor;

/** What the starter leaves out of the server. */
@Configuration(proxyBeanMethods = false)
class ServerConfiguration {

  @Bean
  GrpcServerConfigurer handlerExecutor(GreeterProperties settings) {
    return server -> {
      switch (settings.server().executor()) {
        case DIRECT -> server.directExecutor();
        case VIRTUAL -> server.executor(new VirtualThreadTaskExecutor("grpc-call-"));
        case POOL -> server.executor(null);
      }
    };
  }

  /** Reflection as newer clients ask for it; net.devh 3.1.0 registers {@code v1alpha} only. */
  @Bean
  @GrpcService
  @ConditionalOnProperty(name = "grpc.server.reflection-service-enabled", matchIfMissing = true)
  BindableService reflectionServiceV1() {
    return ProtoReflectionServiceV1.newInstance();
  }
}
