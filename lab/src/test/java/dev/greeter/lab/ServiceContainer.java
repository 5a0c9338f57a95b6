package dev.greeter.lab;

import dev.greeter.guard.fixture.FreePort;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A container of the image {@code -Dgreeter.image=NAME}, with the limits of the Compose file. With
 * {@code -Dgreeter.program=CLASS}, it runs a service of {@link dev.greeter.lab.other} on the
 * image's JVM instead, with about half the memory. It uses the host's network, where callers have
 * many addresses and no proxy.
 */
public final class ServiceContainer implements AutoCloseable {

  private static final String PROGRAM = System.getProperty("greeter.program", "");

  private static final boolean BOOT = PROGRAM.contains("Boot");

  private static final String RUN =
      "docker run -d --network host -m %1$s --memory-swap %1$s --pids-limit 128 --read-only"
              .formatted(PROGRAM.isEmpty() ? "256m" : BOOT ? "160m" : "128m")
          + " --cap-drop ALL --security-opt no-new-privileges:true --init";

  /** Heap and buffers: the memory that the JVM itself does not need. */
  private static final String JVM_OPTIONS =
      "-XX:+UseSerialGC -Xmx%dm -XX:MaxDirectMemorySize=9m -XX:TieredStopAtLevel=1"
          + " -XX:ReservedCodeCacheSize=16m -XX:+ExitOnOutOfMemoryError"
          + " -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0"
          + " --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED";

  private static final String JVM = "read -r jvm rest </proc/1/task/1/children; ";

  /** The memory of the control group (version 2 or 1); the JVM's threads and descriptors. */
  private static final String USAGE =
      JVM
          + "cat /sys/fs/cgroup/memory.current /sys/fs/cgroup/memory/memory.usage_in_bytes"
          + " 2>/dev/null; tasks=(/proc/$jvm/task/*) descriptors=(/proc/$jvm/fd/*);"
          + " echo ${#tasks[@]}; echo ${#descriptors[@]}";

  /** The memory peaks of the control group and of the JVM's resident set. */
  private static final String PEAKS =
      JVM
          + "peak=$(cat /sys/fs/cgroup/memory.peak /sys/fs/cgroup/memory/memory.max_usage_in_bytes"
          + " 2>/dev/null); resident=$(grep -o 'VmHWM:.*[0-9]' /proc/$jvm/status);"
          + " echo container $((peak >> 20)) MiB, resident $((${resident##*[^0-9]} >> 10)) MiB";

  private final int port = FreePort.find();
  private final boolean tls;
  private final String id;

  /** A container's resource usage. */
  public record Usage(double mebibytes, int threads, int descriptors, int connections) {}

  /**
   * Starts a container.
   *
   * @param variables the service's environment variables
   * @param options additional options of {@code docker run}
   * @param shell a shell command that replaces the image's entry point, for which {@code %s} is a
   *     placeholder; empty for the entry point itself
   */
  public ServiceContainer(Map<String, String> variables, List<String> options, String shell) {
    var all = new HashMap<>(Map.of("GRPC_SERVER_ADDRESS", "127.0.0.1"));
    all.putAll(variables);
    all.put("GRPC_SERVER_PORT", Integer.toString(port));
    tls = all.containsKey("GRPC_SERVER_SECURITY_ENABLED");
    var command = new ArrayList<>(List.of(RUN.split(" ")));
    // The label lets the caller remove the remains of an interrupted run.
    command.addAll(List.of("--label", System.getProperty("greeter.label", "greeter-lab")));
    command.addAll(options);
    all.forEach((name, value) -> command.addAll(List.of("-e", name + "=" + value)));
    if (!PROGRAM.isEmpty()) {
      command.addAll(program());
    } else if (shell.isEmpty()) {
      command.add(image());
    } else {
      String template = "{{range .Config.Entrypoint}}{{printf \"%q \" .}}{{end}}";
      String entryPoint = docker("inspect", "-f", template, image());
      command.addAll(List.of("--entrypoint", "bash", image(), "-c", shell.formatted(entryPoint)));
    }
    id = run(command);
  }

  /** Returns options that mount a directory of this machine at the same path. */
  public static List<String> mount(Path directory) {
    try {
      // The container runs as another user.
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.of("-v", directory + ":" + directory + ":ro");
  }

  /** Returns the options and command line of a program on this JVM's class path. */
  private static List<String> program() {
    String tests = System.getProperty("surefire.test.class.path", "");
    String all = tests.isEmpty() ? System.getProperty("java.class.path") : tests;
    // Run as a user who can read Maven's repository, without the image's probes.
    var words = new ArrayList<>(List.of("--no-healthcheck", "--user", run(List.of("id", "-u"))));
    var roots = new ArrayList<String>();
    var classPath = new ArrayList<String>();
    for (String entry : all.split(":")) {
      if (!entry.contains("grpc-netty-shaded")) { // The attacks' own Netty is not the service's.
        String root = entry.replaceFirst("/repository/.*", "/repository");
        if (!roots.contains(root)) {
          roots.add(root);
          words.addAll(List.of("-v", root + ":/class-path/" + roots.indexOf(root) + ":ro"));
        }
        classPath.add("/class-path/" + roots.indexOf(root) + entry.substring(root.length()));
      }
    }
    words.addAll(List.of("--entrypoint", "java", image()));
    words.addAll(List.of(JVM_OPTIONS.formatted(BOOT ? 60 : 45).split(" ")));
    words.addAll(List.of("-cp", String.join(":", classPath)));
    words.addAll(List.of(PROGRAM.split(" ")));
    return words;
  }

  private static String image() {
    return Objects.requireNonNull(System.getProperty("greeter.image"));
  }

  /** Returns the port that the service listens on. */
  public int port() {
    return port;
  }

  /** Returns whether clients need TLS. */
  public boolean hasTls() {
    return tls;
  }

  /** Returns a new channel to the service that trusts any certificate. */
  public ManagedChannel channel() {
    ChannelCredentials credentials =
        tls
            ? TlsChannelCredentials.newBuilder()
                .trustManager(InsecureTrustManagerFactory.INSTANCE.getTrustManagers())
                .build()
            : InsecureChannelCredentials.create();
    return NettyChannelBuilder.forAddress("127.0.0.1", port, credentials).build();
  }

  /** Waits until the service is healthy. */
  public void awaitStart() throws InterruptedException {
    for (int i = 0; i < 300 && (i == 0 || status().equals("running")); i++) {
      if (ControlClient.isServing(this)) {
        return;
      }
      Thread.sleep(200);
    }
    throw new IllegalStateException("The service has not started:\n" + String.join("\n", log()));
  }

  /** Runs an engine command on the container, such as {@code pause}. */
  public void command(String... words) {
    docker(Stream.concat(Stream.of(words), Stream.of(id)).toArray(String[]::new));
  }

  /** Runs a script in the container and returns its output. */
  public String script(String script) {
    return docker("exec", id, "bash", "-c", script);
  }

  /** Returns the output of a {@code docker inspect} template. */
  public String inspect(String format) {
    return docker("inspect", "-f", format, id);
  }

  /** Returns running, paused or exited. */
  public String status() {
    return inspect("{{.State.Status}}");
  }

  /** Returns all lines of the log. */
  public List<String> log() {
    return docker("logs", id).lines().toList();
  }

  /** Returns the container's peak memory, in words. */
  public String peakMemory() {
    return script(PEAKS);
  }

  /** Returns the JVM's CPU time in milliseconds, with a resolution of 10 ms. */
  public long cpuMillis() {
    String[] stat = script(JVM + "cut -d ' ' -f 14,15 /proc/$jvm/stat").split(" ");
    return 10 * (Long.parseLong(stat[0]) + Long.parseLong(stat[1]));
  }

  /** Returns the container's current resource usage. */
  public Usage usage() throws IOException {
    List<String> numbers = script(USAGE).lines().toList();
    if (numbers.size() != 3) {
      throw new IllegalStateException(String.join(" ", numbers));
    }
    return new Usage(
        Double.parseDouble(numbers.get(0)) / (1 << 20),
        Integer.parseInt(numbers.get(1)),
        Integer.parseInt(numbers.get(2)),
        connections());
  }

  /** Returns the number of established connections to the port. */
  private int connections() throws IOException {
    String end = ":%04X".formatted(port);
    return (int) sockets().filter(cells -> cells[1].endsWith(end) && cells[3].equals("01")).count();
  }

  /** Returns the cells of each row in Linux's TCP tables. */
  public static Stream<String[]> sockets() throws IOException {
    var rows = new ArrayList<String>();
    for (String table : List.of("tcp", "tcp6")) {
      rows.addAll(Files.readAllLines(Path.of("/proc/net", table)));
    }
    return rows.stream().map(row -> row.strip().split(" +"));
  }

  /** Sends SIGTERM, kills the container after 5 s, and returns the exit code. */
  public int stop() {
    command("stop", "--time", "5");
    return Integer.parseInt(inspect("{{.State.ExitCode}}"));
  }

  @Override
  public void close() {
    command("rm", "-f");
  }

  private static String docker(String... arguments) {
    return run(Stream.concat(Stream.of("docker"), Stream.of(arguments)).toList());
  }

  private static String run(List<String> command) {
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      // Do not wait for a hanging engine.
      var end =
          process
              .onExit()
              .orTimeout(60, TimeUnit.SECONDS)
              .exceptionally(late -> process.destroyForcibly());
      String output = new String(process.getInputStream().readAllBytes()).strip();
      if (end.join().waitFor() != 0) {
        throw new IllegalStateException(String.join(" ", command) + ": " + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
