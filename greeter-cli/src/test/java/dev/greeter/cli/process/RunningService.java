package dev.greeter.cli.process;

import dev.greeter.guard.fixture.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The service in a separate process, on a free port of 127.0.0.1. */
final class RunningService implements AutoCloseable {

  static final String SECRET = "marker-secret";

  private final Process process;
  private final Path log = Files.createTempFile("greeter-service", ".log");
  private final String address = "127.0.0.1:" + FreePort.find();

  /** Starts the service and waits until it listens. */
  RunningService(Map<String, String> environment) throws Exception {
    Map<String, String> all = new HashMap<>(environment);
    all.put("GRPC_SERVER_ADDRESS", "127.0.0.1");
    all.put("GRPC_SERVER_PORT", address.replaceFirst(".*:", ""));
    if (!all.containsKey("GREETER_AUTH_CLIENTS_FILE")) {
      all.put("GREETER_AUTH_VALUE", SECRET);
    }
    process =
        Program.builder(all, Program.serviceCommand())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> !process.isAlive() || isStarted());
    } finally {
      if (!isStarted()) {
        process.destroyForcibly();
      }
    }
    if (!process.isAlive()) {
      throw new AssertionError("the service has not started:\n" + log());
    }
  }

  private static final class Shared {

    static final RunningService SERVICE = start();

    private static RunningService start() {
      try {
        RunningService service = new RunningService(Map.of());
        Runtime.getRuntime().addShutdownHook(new Thread(service.process::destroy));
        return service;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Returns the variables of a client of a service that all tests share. */
  static Map<String, String> client() {
    return Shared.SERVICE.variables();
  }

  /** Returns the address in the format of {@code --server} and {@code GREETER_SERVER}. */
  String address() {
    return address;
  }

  /** Returns the variables of a client of this service. */
  Map<String, String> variables() {
    return Map.of("GREETER_SERVER", address, "GREETER_AUTH_VALUE", SECRET);
  }

  /** Returns the service's output so far. */
  String log() throws IOException {
    return Files.readString(log);
  }

  private boolean isStarted() throws IOException {
    return log().contains("Started Greeter");
  }

  @Override
  public void close() throws Exception {
    process.destroy();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    Files.delete(log);
  }
}
