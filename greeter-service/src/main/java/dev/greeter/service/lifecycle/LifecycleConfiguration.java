package dev.greeter.service.lifecycle;

import dev.greeter.service.calls.CallLimitInterceptor;
import dev.greeter.service.connection.Connections;
import io.grpc.protobuf.services.HealthStatusManager;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Listens to the server's start and stop. */
@Configuration(proxyBeanMethods = false)
class LifecycleConfiguration {

  @Bean
  Announcement announcement(
      ObjectProvider<HealthStatusManager> health,
      CallLimitInterceptor openCalls,
      Connections connections) {
    // There is none with grpc.server.health-service-enabled=false.
    return new Announcement(
        health.getIfAvailable(HealthStatusManager::new), openCalls, connections);
  }
}
