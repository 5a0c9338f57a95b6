package dev.greeter.cli.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shell on a pseudo-terminal, which util-linux' {@code script} makes. */
class InteractiveShellIT {

  private static final String PROMPT = "greeter> ";
  private static final String ARROW_UP = "\u001bOA";
  private static final String CTRL_C = "\u0003";
  private static final String CTRL_D = "\u0004";

  @TempDir private Path directory;
  private RunningService service;
  private Process terminal;
  private Path screen;
  private int seen;

  @BeforeEach
  void startService() throws Exception {
    service = RunningService.start(Map.of());
    openTerminal();
  }

  private void openTerminal() throws IOException {
    screen = Files.createTempFile(directory, "screen", "");
    seen = 0;
    String shell =
        "stty cols 100 rows 30; exec " + String.join(" ", Program.javaCommand("greeter.cli.jar"));
    terminal =
        Program.builder(
                Map.of(
                    "GREETER_SERVER", service.address(),
                    "TERM", "xterm",
                    "XDG_STATE_HOME", directory.toString()),
                List.of("script", "--quiet", "--return", "--command", shell, "/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(screen.toFile())
            .start();
  }

  @AfterEach
  void closeTerminal() throws Exception {
    terminal.destroyForcibly();
    service.close();
  }

  @Test
  void goesOnAfterAFailureAndLeavesAtCtrlD() throws Exception {
    typeAt(PROMPT, "greet \"\"\r");
    typeAt(PROMPT, "nope\r");
    typeAt(PROMPT, "greet O'Brien!\r");
    typeAt(PROMPT, "greet\r");
    typeAt("What is your name? ", "Zoë 👋\r");
    typeAt(PROMPT, "not run");
    typeAt("not run", CTRL_C);
    typeAt(PROMPT, "gre\tGrace\r");
    typeAt(PROMPT, "chat\r");
    typeAt("chat\n", "Alice\r");
    typeAt("Welcome, Alice!\n", CTRL_D);
    typeAt(PROMPT, "chat\r");
    typeAt("chat\n", "Bob\r");
    typeAt("Welcome, Bob!\n", "\r");
    leave();

    assertThat(screen())
        .contains(
            "name must not be empty",
            "There is no command 'nope'.",
            "Hello O'Brien!!",
            "Hello Zoë 👋!",
            "Hello Grace!",
            "Welcome, Alice!");
  }

  @Test
  void cancelsTheCallThatIsRunningAtCtrlC() throws Exception {
    try (var silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      typeAt(PROMPT, "greet Ada --timeout 60s --server 127.0.0.1:" + silent.getLocalPort() + "\r");
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofSeconds(1))
          .untilAsserted(
              () -> {
                type(CTRL_C);
                assertThat(screen()).contains("was cancelled.");
              });
      typeAt(PROMPT, "greet Grace\r");
      leave();
      assertThat(screen()).contains("Hello Grace!");
    }
  }

  @Test
  void keepsCommandsForTheNextSessionButNotWhatTheyAskedFor() throws Exception {
    typeAt(PROMPT, "greet\r");
    typeAt("What is your name? ", "Zoë\r");
    typeAt(PROMPT, "greet Ada\r");
    leave();

    Path history = directory.resolve("greeter").resolve("history");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(history)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(history)).contains("greet Ada").doesNotContain("Zoë");

    openTerminal();
    typeAt(PROMPT, ARROW_UP + "\r");
    leave();
    assertThat(screen()).contains("Hello Ada!");
  }

  private void leave() throws Exception {
    typeAt(PROMPT, CTRL_D);
    assertThat(terminal.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(terminal.exitValue()).isZero();
  }

  /**
   * Waits until the terminal has answered the last keys and the screen ends in a text, and types:
   * keys that come earlier may be lost.
   */
  private void typeAt(String end, String keys) throws IOException {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(screen()).hasSizeGreaterThan(seen).endsWith(end));
    type(keys);
  }

  private void type(String keys) throws IOException {
    seen = screen().length();
    OutputStream keyboard = terminal.getOutputStream();
    keyboard.write(keys.getBytes(UTF_8));
    keyboard.flush();
  }

  /** What the terminal shows, without the sequences that move the cursor and set modes. */
  private String screen() throws IOException {
    return Files.readString(screen)
        .replaceAll("\u001b[\\[(][?>]?[0-9;]*[A-Za-z]|\u001b[=>]|\r", "");
  }
}
