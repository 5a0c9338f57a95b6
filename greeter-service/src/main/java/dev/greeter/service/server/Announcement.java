package dev.greeter.service.server;

import dev.greeter.guard.Guard;
import dev.greeter.guard.Peers;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import net.devh.boot.grpc.server.event.GrpcServerShutdownEvent;
import net.devh.boot.grpc.server.event.GrpcServerStartedEvent;
import org.springframework.context.event.EventListener;

/**
 * Keeps the health service up to date, which net.devh 3.1.0 leaves at what it says by itself: that
 * the whole is {@code SERVING}, to the end, and that no service is known.
 */
final class Announcement {

  private final HealthStatusManager health;
  private final Guard guard;
  private final Peers<?> peers;

  Announcement(HealthStatusManager health, Guard guard, Peers<?> peers) {
    this.health = health;
    this.guard = guard;
    this.peers = peers;
  }

  /** Says of each service of the server that it is {@code SERVING}. */
  @EventListener
  void started(GrpcServerStartedEvent event) {
    Server server = event.getServer();
    server.getServices().stream()
        .map(service -> service.getServiceDescriptor().getName())
        .forEach(service -> health.setStatus(service, ServingStatus.SERVING));
  }

  /**
   * Says that nothing is {@code SERVING} any more, for good, so that clients which watch it take
   * other servers; then ends the calls that would last. With that the server stops: it sends
   * GOAWAY, and gives the other calls the grace period.
   */
  @EventListener(GrpcServerShutdownEvent.class)
  void stopping() {
    health.enterTerminalState();
    guard.drain();
    peers.stop();
  }
}
