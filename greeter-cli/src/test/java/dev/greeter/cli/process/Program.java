package dev.greeter.cli.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

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

/** Starts this project's programs like their users. */
final class Program {

  static final Path LAUNCHER = Path.of(property("greeter.launcher")).normalize();
  static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

  private Program() {}

  /**
   * The result of a run.
   *
   * @param exitCode the exit code
   * @param out the standard output
   * @param err the standard error
   */
  record Result(int exitCode, String out, String err) {}

  /** Runs the client until it exits, with empty standard input. */
  static Result greeter(Map<String, String> environment, String... arguments) throws Exception {
    return run(builder(environment, clientCommand(arguments)), "");
  }

  /** Runs a process until it exits. */
  static Result run(ProcessBuilder builder, String input) throws Exception {
    Path out = Files.createTempFile("greeter", ".out");
    Path err = Files.createTempFile("greeter", ".err");
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(UTF_8));
    } catch (IOException e) {
      // The program may exit without reading its input.
    }
    try {
      return new Result(exitCode(process), Files.readString(out), Files.readString(err));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  /** Returns a process's exit code; it must exit within a minute. */
  static int exitCode(Process process) throws InterruptedException {
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ended").isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  /**
   * Prepares a process on this JVM with the shared cache. It inherits only the path from the
   * build's variables, and handles every signal by default, even if the build ignores SIGINT.
   */
  static ProcessBuilder builder(Map<String, String> environment, List<String> command) {
    List<String> all = new ArrayList<>(List.of("/usr/bin/env", "--default-signal"));
    all.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(all).directory(new File("target"));
    builder.environment().keySet().retainAll(List.of("PATH"));
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().put("JAVA_HOME", JAVA_HOME.toString());
    builder.environment().put("XDG_CACHE_HOME", property("greeter.caches"));
    // Other tests also need the CPU.
    builder.environment().put("GREETER_TIMEOUT", "30s");
    builder.environment().putAll(environment);
    return builder;
  }

  /** Returns the client's command line. */
  static List<String> clientCommand(String... arguments) {
    List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** Returns the service's command line, with options that make it start faster. */
  static List<String> serviceCommand() {
    String jar = property("greeter.service.jar");
    return List.of(
        JAVA_HOME.resolve("bin/java").toString(),
        // A property, since Java 17 has no such option.
        "-Dsun.misc.unsafe.memory.access=allow",
        "-XX:TieredStopAtLevel=1",
        "-XX:SharedArchiveFile=" + jar.replaceFirst("jar$", "jsa"),
        "-jar",
        jar);
  }

  private static String property(String name) {
    return Objects.requireNonNull(System.getProperty(name), name);
  }
}
