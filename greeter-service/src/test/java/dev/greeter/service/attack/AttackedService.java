package dev.greeter.service.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The service as a process of its own, with little memory, of which it may not ask for more. */
final class AttackedService implements AutoCloseable {

  private final Process process;
  private final Path log;
  private final int port;

  /** What a client does that misbehaves. */
  interface Attack {
    void run() throws Exception;
  }

  /**
   * Starts the service and waits until it listens.
   *
   * @param settings environment variables
   */
  AttackedService(Map<String, String> settings) throws IOException {
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    log = Files.createTempFile("greeter-service", ".log");
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            // What Java 24 and newer would warn about; a property, since older ones have no option.
            "-Dsun.misc.unsafe.memory.access=allow",
            "-jar",
            Objects.requireNonNull(System.getProperty("greeter.service.jar")));
    builder.environment().keySet().retainAll(List.of("PATH"));
    builder.environment().putAll(settings);
    builder.environment().put("GRPC_SERVER_ADDRESS", "127.0.0.1");
    builder.environment().put("GRPC_SERVER_PORT", Integer.toString(port));
    process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !process.isAlive() || String.join("", log()).contains("Started Greeter"));
    assertThat(process.isAlive()).as("the service has started:\n%s", log()).isTrue();
  }

  int port() {
    return port;
  }

  /**
   * Attacks, and checks that another client gets its greetings the while and afterwards, also over
   * a new connection, that the memory was enough, and that the log has grown by lines. Those of the
   * access log do not count: it has a limit of its own.
   *
   * @param mostLines how many lines the log may have grown by
   */
  void withstands(int mostLines, Attack attack) throws Exception {
    int before = log().size();
    try (var greetings = new Greetings(port)) {
      attack.run();
      greetings.awaitMore();
    }
    new Greetings(port).close();
    assertThat(process.isAlive()).as("the service lives:\n%s", log()).isTrue();
    assertThat(log().subList(before, log().size()))
        .filteredOn(line -> !line.contains("access.AccessLog"))
        .hasSizeLessThanOrEqualTo(mostLines)
        .noneMatch(line -> line.startsWith("\t"));
  }

  /**
   * Stops the service as an orchestrator does, and returns its exit code; Compose and Kubernetes
   * kill it after 5 s.
   */
  int stop() throws InterruptedException {
    process.destroy();
    assertThat(process.waitFor(4, TimeUnit.SECONDS)).as("the service has ended in time").isTrue();
    return process.exitValue();
  }

  private List<String> log() throws IOException {
    return Files.readAllLines(log);
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
