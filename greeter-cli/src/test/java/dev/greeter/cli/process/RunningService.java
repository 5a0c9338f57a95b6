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

/**
 * The service as a process of its own, on a free port of the loopback interface, at 127.0.0.1
 * unless its variables say otherwise.
 */
final class RunningService implements AutoCloseable {

  private final Process process;
  private final Path log;
  private final String address;

  private RunningService(Process process, Path log, String address) {
    this.process = process;
    this.log = log;
    this.address = address;
  }

  /** Starts the service and waits until it listens. */
  static RunningService start(Map<String, String> environment) throws Exception {
    int port = FreePort.find();
    Map<String, String> all = new HashMap<>(environment);
    String host = all.computeIfAbsent("GRPC_SERVER_ADDRESS", name -> "127.0.0.1");
    all.put("GRPC_SERVER_PORT", Integer.toString(port));
    Path log = Files.createTempFile("greeter-service", ".log");
    Process process =
        Program.builder(all, Program.serviceCommand())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    RunningService service = new RunningService(process, log, host + ":" + port);
    try {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> !process.isAlive() || service.log().contains("Started Greeter"));
    } finally {
      if (!service.log().contains("Started Greeter")) {
        process.destroyForcibly();
      }
    }
    if (!process.isAlive()) {
      throw new AssertionError("the service has not started:\n" + service.log());
    }
    return service;
  }

  /** The service's address, as {@code --server} and {@code GREETER_SERVER} take it. */
  String address() {
    return address;
  }

  /** What the service has printed so far. */
  String log() throws IOException {
    return Files.readString(log);
  }

  /** Ends the service at once, in the middle of its calls. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
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
