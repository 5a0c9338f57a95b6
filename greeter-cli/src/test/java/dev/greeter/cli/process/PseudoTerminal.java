package dev.greeter.cli.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** The client's shell on a pseudo-terminal, created by util-linux's {@code script}. */
final class PseudoTerminal implements AutoCloseable {

  /** The end of the screen when the shell waits for a command. */
  static final String PROMPT = "\n> ";

  private final Process process;
  private final Path screen;
  private int seen;

  /** Opens the shell. */
  PseudoTerminal(int columns, Map<String, String> environment) throws IOException {
    screen = Files.createTempFile("greeter", ".screen");
    String command = "stty cols %d rows 30; exec %s".formatted(columns, Program.LAUNCHER);
    process =
        Program.builder(
                environment,
                List.of("script", "--quiet", "--return", "--command", command, "/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(screen.toFile())
            .start();
  }

  /**
   * Waits until the terminal has responded to the last keys and the screen ends in a text, then
   * types: earlier keys may be lost.
   */
  void typeAt(String end, String keys) throws IOException {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              assertThat(screen()).hasSizeGreaterThan(seen);
              // The service may seem down to a shell that waits for CPU time.
              assertThat(screen().replaceFirst("\n.* (up|down) greeter> $", PROMPT)).endsWith(end);
            });
    seen = screen().length();
    type(keys);
  }

  /** Types without waiting. */
  void type(String keys) throws IOException {
    OutputStream keyboard = process.getOutputStream();
    keyboard.write(keys.getBytes(UTF_8));
    keyboard.flush();
  }

  /** Waits until the shell exits, and returns its exit code. */
  int exitCode() throws InterruptedException {
    return Program.exitCode(process);
  }

  /** Returns the screen, without the sequences that move the cursor and set modes. */
  String screen() throws IOException {
    return raw().replaceAll("\u001b[\\[(][?>]?[0-9;]*[@-~]|\u001b[=>]|\r", "");
  }

  /** Returns everything sent to the terminal. */
  String raw() throws IOException {
    return Files.readString(screen);
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    Files.delete(screen);
  }
}
