package dev.greeter.lab.other;

import dev.greeter.guard.Guard;
import dev.greeter.guard.Secrets;
import dev.greeter.guard.netty.GuardedNetty;
import io.grpc.InsecureServerCredentials;
import io.grpc.ServerBuilder;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.File;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;

/** A service with grpc-netty. */
final class NettyGreeter {

  private NettyGreeter() {}

  /**
   * Serves until SIGTERM.
   *
   * @param arguments {@code plain}, {@code guard}, or both the guard and the {@code connections}
   */
  public static void main(String[] arguments) throws Exception {
    int port = Integer.parseInt(System.getenv("GRPC_SERVER_PORT"));
    String chain = System.getenv("GRPC_SERVER_SECURITY_CERTIFICATE_CHAIN");
    ServerCredentials credentials =
        chain == null
            ? InsecureServerCredentials.create()
            : TlsServerCredentials.create(
                file(chain), file(System.getenv("GRPC_SERVER_SECURITY_PRIVATE_KEY")));
    ServerBuilder<?> server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port), credentials)
            .addService(new Greeter())
            .addService(new HealthStatusManager().getHealthService());
    Guard guard =
        Guard.builder(Secrets.of("42")).executor(Executors.newFixedThreadPool(100)).build();
    switch (List.of("plain", "guard", "connections").indexOf(arguments[0])) {
      case 1 -> guard.around(server);
      case 2 -> GuardedNetty.around(server, guard);
      default -> {}
    }
    var started = server.build().start();
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> guard.stop(started, Duration.ofSeconds(3))));
    started.awaitTermination();
  }

  private static File file(String location) {
    return new File(location.replaceFirst("file:", ""));
  }
}
