package dev.greeter.service.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.FreePort;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** The service as a process of its own, with little memory, of which it may not ask for more. */
public final class AttackedService implements AutoCloseable {

  private static final List<String> LITTLE_MEMORY =
      List.of(
          "-Xmx64m", "-XX:+ExitOnOutOfMemoryError", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private final ServiceProcess process;
  private final int port;
  private final boolean tls;

  /** What a client does that misbehaves. */
  public interface Attack {
    /** Does it. */
    void run() throws Exception;
  }

  /**
   * Starts the jar with a heap of 64 MB, and waits until it listens.
   *
   * @param settings environment variables
   */
  public AttackedService(Map<String, String> settings) throws IOException {
    port = FreePort.find();
    process = new JarProcess(LITTLE_MEMORY, onLoopback(settings, port));
    tls = false;
    awaitStart();
  }

  private AttackedService(int port, ServiceProcess process, boolean tls) throws IOException {
    this.port = port;
    this.process = process;
    this.tls = tls;
    awaitStart();
  }

  /**
   * Starts a container of the image that the system property {@code greeter.image} names, and waits
   * until it listens.
   *
   * @param settings environment variables
   * @param mounted directories of this machine that the container can read, at the same places
   */
  static AttackedService asShipped(Map<String, String> settings, Path... mounted)
      throws IOException {
    int port = FreePort.find();
    var options = new ArrayList<String>();
    for (Path directory : mounted) {
      // The container has a user of its own.
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
      options.addAll(List.of("-v", directory + ":" + directory + ":ro"));
    }
    var process = new ImageProcess(options, List.of(), onLoopback(settings, port));
    return new AttackedService(port, process, settings.containsKey("GRPC_SERVER_SECURITY_ENABLED"));
  }

  /** Returns the settings, with those that have the service listen on a port of this machine. */
  public static Map<String, String> onLoopback(Map<String, String> settings, int port) {
    var variables = new HashMap<>(settings);
    variables.putIfAbsent("GRPC_SERVER_ADDRESS", "127.0.0.1");
    variables.put("GRPC_SERVER_PORT", Integer.toString(port));
    return variables;
  }

  private void awaitStart() throws IOException {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !process.isAlive() || String.join("", log()).contains("Started Greeter"));
    assertThat(process.isAlive()).as("the service has started:\n%s", log()).isTrue();
  }

  /** Returns the port that it listens on. */
  public int port() {
    return port;
  }

  /** Makes a channel to it, which connects when it is used. */
  ManagedChannel channel() {
    var channel = NettyChannelBuilder.forAddress("127.0.0.1", port);
    return (tls ? channel.sslContext(Tls.FOR_CHANNELS) : channel.usePlaintext()).build();
  }

  /** Returns whether clients need TLS. */
  boolean hasTls() {
    return tls;
  }

  ServiceProcess process() {
    return process;
  }

  /**
   * Attacks, and checks that another client gets its greetings the while and afterwards, also over
   * a new connection, that the memory was enough, and that the log has grown by lines. Those of the
   * access log do not count: it has a limit of its own.
   *
   * @param mostLines how many lines the log may have grown by
   */
  public void withstands(int mostLines, Attack attack) throws Exception {
    int before = log().size();
    try (var greetings = new Greetings(port)) {
      attack.run();
      greetings.awaitMore();
    }
    new Greetings(port).close();
    assertThat(process.isAlive()).as("the service lives:\n%s", log()).isTrue();
    assertThat(log().subList(before, log().size()))
        .filteredOn(line -> !line.contains("guard.AccessLog"))
        .hasSizeLessThanOrEqualTo(mostLines)
        .noneMatch(line -> line.startsWith("\t"));
  }

  private List<String> log() throws IOException {
    return process.log();
  }

  @Override
  public void close() throws Exception {
    process.close();
  }
}
