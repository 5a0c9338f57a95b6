package dev.greeter.service.server;

import dev.greeter.guard.Guard;
import dev.greeter.service.GreeterProperties;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import java.time.Duration;
import net.devh.boot.grpc.server.event.GrpcServerShutdownEvent;
import net.devh.boot.grpc.server.event.GrpcServerStartedEvent;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Keeps the health service up to date: net.devh 3.1.0 reports {@code SERVING} for the whole server
 * until it ends, and has no status for single services. Also passes the services to the guard.
 */
@Component
class ServerLifecycle {

  private final HealthStatusManager health;
  private final Guard guard;
  private final Duration drainDelay;

  ServerLifecycle(
      ObjectProvider<HealthStatusManager> health, Guard guard, GreeterProperties settings) {
    // Absent with grpc.server.health-service-enabled=false.
    this.health = health.getIfAvailable(HealthStatusManager::new);
    this.guard = guard;
    this.drainDelay = settings.server().drainDelay();
  }

  @EventListener
  void started(GrpcServerStartedEvent event) {
    var services = event.getServer().getServices();
    guard.checkPermissions(services);
    for (var service : services) {
      health.setStatus(service.getServiceDescriptor().getName(), ServingStatus.SERVING);
    }
  }

  /**
   * First, clients and load balancers that check health switch to other servers. Then long-lived
   * calls end. Finally the server stops: it sends GOAWAY and gives the remaining calls the grace
   * period.
   */
  @EventListener(GrpcServerShutdownEvent.class)
  void stopping() {
    health.enterTerminalState();
    try {
      Thread.sleep(drainDelay.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // An interrupt ends the delay.
    }
    guard.drain();
  }
}
