package com.example.quotes;

import dev.greeter.guard.Guard;
import dev.greeter.guard.Secrets;
import dev.greeter.guard.netty.GuardedNetty;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;

/** Serves quotes to callers with the secret. */
public final class QuoteServer {

  /** Per address: 10 calls per second, 20 at once, and 10 wrong secrets per minute. */
  static Guard guard(Secrets secrets) {
    return Guard.builder(secrets)
        .executor(Executors.newFixedThreadPool(100)) // gRPC's own pool has no limit.
        .callsPerSecond(10)
        .burst(20)
        .failedAuthenticationsPerMinute(10)
        .build();
  }

  /** Starts a server on a port; 0 means any free port. */
  static Server start(int port, Guard guard) throws IOException {
    return GuardedNetty.around(ServerBuilder.forPort(port).addService(new QuoteService()), guard)
        .build()
        .start();
  }

  /** Serves until SIGTERM. */
  public static void main(String[] arguments) throws Exception {
    Secrets secrets = Secrets.inFile("QUOTES_SECRET_FILE", System.getenv("QUOTES_SECRET_FILE"));
    Guard guard = guard(secrets);
    Server server = start(50051, guard);
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> guard.stop(server, Duration.ofSeconds(10))));
    server.awaitTermination();
  }
}
