package dev.greeter.service.attack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** The service's jar on the JVM of the test. */
final class JarProcess implements ServiceProcess {

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
    process = command(options, variables).redirectOutput(log.toFile()).start();
  }

  /** Returns what starts the jar, with one stream for all that it prints; as the constructor. */
  static ProcessBuilder command(List<String> options, Map<String, String> variables) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    // What Java 24 and newer would warn about; a property, since older ones have no option.
    command.add("-Dsun.misc.unsafe.memory.access=allow");
    String jar = Objects.requireNonNull(System.getProperty("greeter.service.jar"));
    command.add("-XX:SharedArchiveFile=" + jar.replaceFirst("jar$", "jsa"));
    command.addAll(List.of("-jar", jar));
    var builder = new ProcessBuilder(command);
    builder.environment().keySet().retainAll(List.of("PATH"));
    builder.environment().putAll(variables);
    return builder.redirectErrorStream(true);
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
