package dev.greeter.service.server;

import dev.greeter.guard.Guard;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import net.devh.boot.grpc.server.event.GrpcServerShutdownEvent;
import net.devh.boot.grpc.server.event.GrpcServerStartedEvent;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Keeps the health service up to date: net.devh 3.1.0 leaves it at {@code SERVING} for the whole,
 * to the end, and knows no service by its name.
 */
@Component
class ServerLifecycle {

  private final HealthStatusManager health;
  private final Guard guard;
  private final Transport transport;

  ServerLifecycle(ObjectProvider<HealthStatusManager> health, Guard guard, Transport transport) {
    // There is none with grpc.server.health-service-enabled=false.
    this.health = health.getIfAvailable(HealthStatusManager::new);
    this.guard = guard;
    this.transport = transport;
  }

  @EventListener
  void started(GrpcServerStartedEvent event) {
    for (var service : event.getServer().getServices()) {
      health.setStatus(service.getServiceDescriptor().getName(), ServingStatus.SERVING);
    }
  }

  /**
   * Clients that watch health take other servers first; then the calls end that would last. With
   * that the server stops: it sends GOAWAY, and gives the other calls the grace period.
   */
  @EventListener(GrpcServerShutdownEvent.class)
  void stopping() {
    health.enterTerminalState();
    guard.drain();
    transport.drain();
  }
}
