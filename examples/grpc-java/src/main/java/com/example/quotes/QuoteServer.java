package com.example.quotes;

import dev.greeter.guard.Guard;
import dev.greeter.guard.Secrets;
import dev.greeter.guard.RateLimit;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import java.io.IOException;
import java.time.Duration;

/** Serves quotes to whoever has the secret. */
public final class QuoteServer {

  /** An address may make 10 calls a second, 20 at once, and try 10 wrong secrets a minute. */
  static Guard guard(Secrets secrets) {
    return new Guard(secrets, new RateLimit(10, 0, 20, 10, 10_000));
  }

  /** Starts a server on a port, 0 for any that is free. */
  static Server start(int port, Guard guard) throws IOException {
    return guard.around(ServerBuilder.forPort(port), new QuoteService()).build().start();
  }

  /** Serves until SIGTERM. */
  public static void main(String[] arguments) throws Exception {
    var secrets = Secrets.inFile("quotes.secret-file", System.getenv("QUOTES_SECRET_FILE"));
    var guard = guard(secrets);
    var server = start(50051, guard);
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> guard.stop(server, Duration.ofSeconds(10))));
    server.awaitTermination();
  }
}
