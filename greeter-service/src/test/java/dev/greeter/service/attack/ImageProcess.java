package dev.greeter.service.attack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A container of the service's image, as the Compose file has it but for the network. */
final class ImageProcess implements ServiceProcess {

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
   * @param image its name
   * @param variables environment variables
   */
  ImageProcess(String image, Map<String, String> variables) throws IOException {
    var command = new ArrayList<>(List.of(RUN.split(" ")));
    variables.forEach((name, value) -> command.addAll(List.of("-e", name + "=" + value)));
    command.add(image);
    container = run(command).strip();
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
    String peaks = docker("exec", container, "bash", "-c", PEAKS);
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

  private String inspect(String format) throws IOException {
    return docker("inspect", "-f", format, container).strip();
  }

  private static String docker(String... arguments) throws IOException {
    return run(Stream.concat(Stream.of("docker"), Stream.of(arguments)).toList());
  }

  /** Runs a command to its end, and returns what it prints. */
  private static String run(List<String> command) throws IOException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
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
