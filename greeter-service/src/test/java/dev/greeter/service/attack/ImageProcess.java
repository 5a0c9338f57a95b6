package dev.greeter.service.attack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A container of the service's image, as the Compose file has it but for the network. */
public final class ImageProcess implements ServiceProcess {

  /** The host's own network: attackers have many addresses there, and no proxy stands between. */
  private static final String RUN =
      "docker run -d --network host -m 256m --memory-swap 256m --pids-limit 128 --read-only"
          + " --cap-drop ALL --security-opt no-new-privileges:true --init";

  /** The peaks of control groups, version 2 or else 1, and that of the JVM, the child of init. */
  private static final String PEAKS =
      "cat /sys/fs/cgroup/memory.peak /sys/fs/cgroup/memory/memory.max_usage_in_bytes 2>/dev/null;"
          + " read -r jvm rest </proc/1/task/1/children; cat /proc/$jvm/status";

  private final String container;

  /**
   * Starts a container.
   *
   * @param variables environment variables
   */
  ImageProcess(Map<String, String> variables) throws IOException {
    this(List.of(), List.of(), variables);
  }

  /**
   * Starts a container.
   *
   * @param options further ones of {@code docker run}
   * @param arguments of the image's entry point
   * @param variables environment variables
   */
  public ImageProcess(List<String> options, List<String> arguments, Map<String, String> variables)
      throws IOException {
    var command = new ArrayList<>(List.of(RUN.split(" ")));
    // By it whoever runs this removes what is left of a run that was cut off.
    command.addAll(List.of("--label", System.getProperty("greeter.label", "greeter-test")));
    command.addAll(options);
    variables.forEach((name, value) -> command.addAll(List.of("-e", name + "=" + value)));
    command.add(image());
    command.addAll(arguments);
    container = run(command).strip();
  }

  /** Returns the name of the image, of the system property {@code greeter.image}. */
  public static String image() {
    return Objects.requireNonNull(System.getProperty("greeter.image"));
  }

  /**
   * Has the engine do something to the container, such as {@code pause}.
   *
   * @throws IOException if the engine does not do it
   */
  public void command(String... words) throws IOException {
    var process =
        start(
            Stream.of(Stream.of("docker"), Stream.of(words), Stream.of(container))
                .flatMap(all -> all)
                .toList());
    String output = output(process);
    if (process.onExit().join().exitValue() != 0) {
      throw new IOException(String.join(" ", words) + ": " + output);
    }
  }

  /** Runs a script in the container, and returns what it prints. */
  public String script(String script) throws IOException {
    return docker("exec", container, "bash", "-c", script);
  }

  /** Returns what a template of {@code docker inspect} makes of the container. */
  public String inspect(String format) throws IOException {
    return docker("inspect", "-f", format, container).strip();
  }

  @Override
  public boolean isAlive() throws IOException {
    return inspect("{{.State.Running}}").equals("true");
  }

  @Override
  public List<String> log() throws IOException {
    return docker("logs", container).lines().toList();
  }

  @Override
  public String peakMemory() throws IOException {
    String peaks = script(PEAKS);
    String group =
        peaks
            .lines()
            .findFirst()
            .filter(line -> line.matches("\\d+"))
            .map(bytes -> (Long.parseLong(bytes) >> 20) + " MiB")
            .orElse("unknown");
    return "container " + group + ", resident " + JarProcess.mebibytes(peaks);
  }

  @Override
  public int stop() throws IOException {
    docker("stop", "--time", "5", container);
    return Integer.parseInt(inspect("{{.State.ExitCode}}"));
  }

  @Override
  public String fate() throws IOException {
    return inspect("{{if .State.OOMKilled}}OOM-killed {{end}}{{if .RestartCount}}restarted{{end}}");
  }

  @Override
  public void close() throws IOException {
    docker("rm", "-f", container);
  }

  private static String docker(String... arguments) throws IOException {
    return run(Stream.concat(Stream.of("docker"), Stream.of(arguments)).toList());
  }

  /** Runs a command to its end, and returns what it prints. */
  private static String run(List<String> command) throws IOException {
    return output(start(command));
  }

  private static Process start(List<String> command) throws IOException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    return process;
  }

  private static String output(Process process) throws IOException {
    // Not to wait for ever for an engine that hangs.
    var unused =
        process.onExit().orTimeout(60, TimeUnit.SECONDS).exceptionally(late -> kill(process));
    try (var out = process.inputReader()) {
      return String.join("\n", out.lines().toList());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static Process kill(Process process) {
    return process.destroyForcibly();
  }
}
