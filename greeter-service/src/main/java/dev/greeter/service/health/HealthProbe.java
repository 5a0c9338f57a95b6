package dev.greeter.service.health;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.util.internal.logging.InternalLoggerFactory;
import io.grpc.netty.shaded.io.netty.util.internal.logging.JdkLoggerFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * Asks the service on this machine for its health, as {@code grpc.health.v1.Health} answers it:
 * exit code 0 if it is serving, else 1 and a line on standard error. It does without Spring because
 * a container's health check starts it every few seconds.
 */
public final class HealthProbe {

  private static final Duration DEADLINE = Duration.ofSeconds(2);

  private HealthProbe() {}

  /**
   * Asks once.
   *
   * @param args none; the port is the service's own setting, {@code GRPC_SERVER_PORT}
   */
  public static void main(String[] args) {
    // Without Spring Boot nothing configures Logback, which then prints all that Netty has to say.
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    String port = System.getenv().getOrDefault("GRPC_SERVER_PORT", "50051");
    try {
      ServingStatus status = ask(Integer.parseInt(port));
      if (status == ServingStatus.SERVING) {
        System.exit(0);
      }
      System.err.println("The service on port " + port + " says " + status + ".");
    } catch (StatusRuntimeException | NumberFormatException e) {
      System.err.println("No healthy service on port " + port + ": " + e.getMessage());
    }
    System.exit(1);
  }

  /**
   * Asks a service.
   *
   * @param port where it listens on the loopback interface, without TLS
   * @return what it says of itself
   * @throws StatusRuntimeException if it does not answer within two seconds
   */
  static ServingStatus ask(int port) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .usePlaintext()
            .directExecutor()
            .build();
    try {
      return HealthGrpc.newBlockingStub(channel)
          .withDeadlineAfter(DEADLINE)
          .check(HealthCheckRequest.getDefaultInstance())
          .getStatus();
    } finally {
      channel.shutdownNow();
    }
  }
}
