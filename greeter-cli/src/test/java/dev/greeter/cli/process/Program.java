package dev.greeter.cli.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Starts the programs of this project from their jars. */
final class Program {

  /** What Java 24 and newer would warn about; a property, since older ones have no option. */
  private static final String UNSAFE = "-Dsun.misc.unsafe.memory.access=allow";

  private Program() {}

  /**
   * How a run ended.
   *
   * @param exitCode exit code of the process
   * @param out what it wrote to standard output
   * @param err what it wrote to standard error
   */
  record Result(int exitCode, String out, String err) {}

  /** Runs the client to its end, with nothing on standard input. */
  static Result greeter(Map<String, String> environment, String... arguments) throws Exception {
    return greeterReading("", environment, arguments);
  }

  /** Runs the client to its end, with the input on standard input. */
  static Result greeterReading(String input, Map<String, String> environment, String... arguments)
      throws Exception {
    return run(builder(environment, clientCommand(arguments)), input.getBytes(UTF_8));
  }

  /** Runs a process to its end, which it must reach within a minute. */
  static Result run(ProcessBuilder builder, byte[] input) throws Exception {
    Path out = Files.createTempFile("greeter", ".out");
    Path err = Files.createTempFile("greeter", ".err");
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(input);
    } catch (IOException e) {
      // The program may end without having read its input.
    }
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        throw new AssertionError(
            "still running:\n" + Files.readString(out) + Files.readString(err));
      }
      return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      process.destroyForcibly();
      Files.delete(out);
      Files.delete(err);
    }
  }

  /** A process that sees only the given variables and, of its parent's, the path. */
  static ProcessBuilder builder(Map<String, String> environment, List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(new File("target"));
    builder.environment().keySet().retainAll(List.of("PATH"));
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().putAll(environment);
    return builder;
  }

  /** The command line that the README gives, on this JVM and with a cache that all tests share. */
  static List<String> clientCommand(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "env",
                "JAVA_HOME=" + System.getProperty("java.home"),
                "XDG_CACHE_HOME=" + property("greeter.caches"),
                Path.of(property("greeter.launcher")).normalize().toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** The client's jar by itself, on a JVM with an option. */
  static List<String> clientJar(String option, String... arguments) {
    List<String> command =
        new ArrayList<>(List.of(java(), UNSAFE, option, "-jar", property("greeter.cli.jar")));
    command.addAll(List.of(arguments));
    return command;
  }

  /** The command line of the service, made to start faster. */
  static List<String> serviceCommand() {
    String jar = property("greeter.service.jar");
    String archive = "-XX:SharedArchiveFile=" + jar.replaceFirst("jar$", "jsa");
    return List.of(java(), UNSAFE, "-XX:TieredStopAtLevel=1", archive, "-jar", jar);
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static String property(String name) {
    return Objects.requireNonNull(System.getProperty(name), name);
  }
}
