package com.example.quotes;

import dev.greeter.guard.Guard;
import dev.greeter.guard.Secrets;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import java.io.IOException;
import java.time.Duration;

/** Serves quotes to callers with the secret. */
public final class QuoteServer {

  /** An address may make 10 calls a second, 20 at once, and try 10 wrong secrets a minute. */
  static Guard guard(Secrets secrets) {
    return Guard.builder(secrets)
        .callsPerSecond(10)
        .burst(20)
        .failedAuthenticationsPerMinute(10)
        .build();
  }

  /** Starts a server on a port, 0 for any that is free. */
  static Server start(int port, Guard guard) throws IOException {
    return guard.around(ServerBuilder.forPort(port).addService(new QuoteService())).build().start();
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
