package dev.greeter.service.soak;

import dev.greeter.guard.fixture.FreePort;
import dev.greeter.service.attack.AttackedService;
import dev.greeter.service.attack.ImageProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A container of the service's image, which is started again on its port when it has ended. */
final class Replica implements AutoCloseable {

  /** Memory of the control group, version 2 or else 1; threads and descriptors of init's child. */
  private static final String SAMPLE =
      """
      cat /sys/fs/cgroup/memory.current /sys/fs/cgroup/memory/memory.usage_in_bytes 2>/dev/null
      read -r jvm rest </proc/1/task/1/children
      tasks=(/proc/$jvm/task/*) descriptors=(/proc/$jvm/fd/*)
      echo ${#tasks[@]}; echo ${#descriptors[@]}
      """;

  private static final String ESTABLISHED = "01";

  private final String name;
  private final int port = FreePort.find();
  private final ImageProcess container;

  /** What a replica has at a moment. */
  record Sample(
      int second,
      String replica,
      double mebibytes,
      int threads,
      int descriptors,
      int connections) {}

  /**
   * Starts a container.
   *
   * @param options further ones of {@code docker run}
   * @param arguments of the image's entry point
   * @param variables environment variables
   */
  Replica(String name, List<String> options, List<String> arguments, Map<String, String> variables)
      throws IOException {
    this.name = name;
    container = new ImageProcess(options, arguments, AttackedService.onLoopback(variables, port));
  }

  String name() {
    return name;
  }

  int port() {
    return port;
  }

  /** Has the engine do something to it, such as {@code pause}. */
  void command(String... words) throws IOException {
    container.command(words);
  }

  /** Returns what the engine says of it: running, exited or paused. */
  String status() throws IOException {
    return container.inspect("{{.State.Status}}");
  }

  String script(String script) throws IOException {
    return container.script(script);
  }

  /** Waits until the image's own check finds the service healthy. */
  void awaitHealthy() throws IOException, InterruptedException {
    for (int i = 0; i < 300; i++) {
      if (container.inspect("{{.State.Health.Status}}").equals("healthy")) {
        return;
      }
      Thread.sleep(300);
    }
    throw new IllegalStateException(name + " is not healthy");
  }

  /** Looks at it, unless it does not run. */
  Optional<Sample> sample(int second) throws IOException {
    List<String> numbers = script(SAMPLE).lines().toList();
    if (numbers.size() != 3 || !numbers.stream().allMatch(number -> number.matches("\\d+"))) {
      return Optional.empty();
    }
    return Optional.of(
        new Sample(
            second,
            name,
            Double.parseDouble(numbers.get(0)) / (1 << 20),
            Integer.parseInt(numbers.get(1)),
            Integer.parseInt(numbers.get(2)),
            connections()));
  }

  /** Counts the connections that its port has, in the network that it shares with this process. */
  private int connections() throws IOException {
    String end = ":%04X".formatted(port);
    int count = 0;
    for (String table : List.of("tcp", "tcp6")) {
      count +=
          (int)
              Files.readAllLines(Path.of("/proc/net", table)).stream()
                  .map(line -> line.strip().split(" +"))
                  .filter(cells -> cells[1].endsWith(end) && cells[3].equals(ESTABLISHED))
                  .count();
    }
    return count;
  }

  @Override
  public void close() throws IOException {
    container.close();
  }
}
