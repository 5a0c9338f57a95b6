package dev.greeter.cli.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A command on a pseudo-terminal, which util-linux' {@code script} makes. */
final class PseudoTerminal implements AutoCloseable {

  private final Process process;
  private final Path screen;
  private int seen;

  private PseudoTerminal(Process process, Path screen) {
    this.process = process;
    this.screen = screen;
  }

  /** Runs a command line of the shell. */
  static PseudoTerminal run(String commandLine, Map<String, String> environment)
      throws IOException {
    Path screen = Files.createTempFile("greeter", ".screen");
    Map<String, String> all = new HashMap<>(environment);
    all.put("TERM", "xterm");
    String command = "stty cols 100 rows 30; " + commandLine;
    Process process =
        Program.builder(
                all, List.of("script", "--quiet", "--return", "--command", command, "/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(screen.toFile())
            .start();
    return new PseudoTerminal(process, screen);
  }

  /**
   * Waits until the terminal has answered the last keys and the screen ends in a text, and types:
   * keys that come earlier may be lost.
   */
  void typeAt(String end, String keys) throws IOException {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(screen()).hasSizeGreaterThan(seen).endsWith(end));
    type(keys);
  }

  /** Types without waiting. */
  void type(String keys) throws IOException {
    seen = screen().length();
    OutputStream keyboard = process.getOutputStream();
    keyboard.write(keys.getBytes(UTF_8));
    keyboard.flush();
  }

  /** Waits until the command has ended, and returns its exit code. */
  int exitCode() throws InterruptedException {
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ended").isTrue();
    return process.exitValue();
  }

  /** What the terminal shows, without the sequences that move the cursor and set modes. */
  String screen() throws IOException {
    return raw().replaceAll("\u001b[\\[(][?>]?[0-9;]*[@-~]|\u001b[=>]|\r", "");
  }

  /** All that was sent to the terminal. */
  String raw() throws IOException {
    return Files.readString(screen);
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    Files.delete(screen);
  }
}
