package dev.greeter.service.attack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The service's jar on the JVM of the test. */
final class JarProcess implements ServiceProcess {

  /** Those of the JVM, and the properties; relative to this module. */
  private static final Path OPTIONS_OF_THE_IMAGE = Path.of("..", "docker", "service.options");

  private final Process process;
  private final Path log;

  /**
   * Starts the jar.
   *
   * @param options of the JVM
   * @param variables environment variables, besides which there is only PATH
   */
  JarProcess(List<String> options, Map<String, String> variables) throws IOException {
    log = Files.createTempFile("greeter-service", ".log");
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    // What Java 24 and newer would warn about; a property, since older ones have no option.
    command.add("-Dsun.misc.unsafe.memory.access=allow");
    command.add("-jar");
    command.add(Objects.requireNonNull(System.getProperty("greeter.service.jar")));
    var builder = new ProcessBuilder(command);
    builder.environment().keySet().retainAll(List.of("PATH"));
    builder.environment().putAll(variables);
    process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  /**
   * Returns the options that the image has, as far as any JVM has them and the jar is made for
   * them, and as if the machine had as much memory as the container.
   */
  static List<String> optionsOfTheImage() throws IOException {
    try (Stream<String> lines = Files.lines(OPTIONS_OF_THE_IMAGE)) {
      return Stream.concat(
              Stream.of("-XX:+IgnoreUnrecognizedVMOptions", "-XX:MaxRAM=256m"),
              lines
                  .filter(line -> line.startsWith("-X") || line.startsWith("-D"))
                  .filter(line -> !line.startsWith("-Dspring.aot"))
                  .filter(line -> !line.startsWith("-Djava.library.path")))
          .toList();
    }
  }

  @Override
  public boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public List<String> log() throws IOException {
    return Files.readAllLines(log);
  }

  @Override
  public String peakMemory() throws IOException {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    if (!Files.isReadable(status)) {
      return "unknown";
    }
    return "resident " + mebibytes(Files.readString(status));
  }

  /** Finds the peak of the resident memory in what Linux says of a process. */
  static String mebibytes(String status) {
    return status
        .lines()
        .filter(line -> line.startsWith("VmHWM:"))
        .map(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024 + " MiB")
        .findFirst()
        .orElse("unknown");
  }

  @Override
  public int stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(5, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    return process.waitFor();
  }

  @Override
  public String fate() {
    return "";
  }

  @Override
  public void close() throws IOException, InterruptedException {
    process.destroy();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    Files.delete(log);
  }
}
