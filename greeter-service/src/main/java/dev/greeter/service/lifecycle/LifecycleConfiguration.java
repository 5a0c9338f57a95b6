package dev.greeter.service.lifecycle;

import dev.greeter.service.limit.IdleCallInterceptor;
import io.grpc.protobuf.services.HealthStatusManager;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Listens to the server's start and stop. */
@Configuration(proxyBeanMethods = false)
class LifecycleConfiguration {

  @Bean
  Announcement announcement(
      ObjectProvider<HealthStatusManager> health, IdleCallInterceptor openCalls) {
    // There is none with grpc.server.health-service-enabled=false.
    return new Announcement(health.getIfAvailable(HealthStatusManager::new), openCalls);
  }
}
