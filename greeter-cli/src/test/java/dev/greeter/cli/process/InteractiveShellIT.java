package dev.greeter.cli.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.AbstractStringAssert;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shell on a terminal. */
class InteractiveShellIT {

  private static final String ARROW_UP = "\u001bOA";
  private static final String CTRL_C = "\u0003";
  private static final String CTRL_D = "\u0004";
  private static final String CTRL_R = "\u0012";
  private static final String COLOUR = "\u001b\\[[0-9;]*m";

  private static RunningService service;
  private static String prompt;

  @TempDir private Path directory;
  private @Nullable PseudoTerminal terminal;

  @BeforeAll
  static void startService() throws Exception {
    service = RunningService.start(Map.of());
    prompt = service.address() + " up greeter> ";
  }

  @AfterAll
  static void stopService() throws Exception {
    service.close();
  }

  @AfterEach
  void closeTerminal() throws Exception {
    terminal().close();
  }

  @Test
  void goesOnAfterAFailureAndLeavesAtCtrlD() throws Exception {
    openShellOnAService();
    terminal().typeAt(prompt, "greet \"\"\r");
    terminal().typeAt(prompt, "nope\r");
    terminal().typeAt(prompt, "greet O'Brien!\r");
    terminal().typeAt(prompt, "greet\r");
    terminal().typeAt("What is your name? ", "Zoë 👋\r");
    terminal().typeAt(prompt, "not run");
    terminal().typeAt("not run", CTRL_C);
    terminal().typeAt(prompt, "greet -\r");
    terminal().typeAt("greet -\n", "Bob\r");
    terminal().typeAt("Hello Bob!\n", CTRL_C);
    leave();

    assertScreen()
        .contains(
            "name must not be empty",
            "There is no command 'nope'.",
            "Hello O'Brien!!",
            "Hello Zoë 👋!",
            "Hello Bob!")
        .doesNotContain("fault", "cancelled");
    assertThat(terminal().raw())
        .contains(" \u001b[32mup\u001b[0m greeter> ", "\u001b[31mThere is no command 'nope'.");
  }

  @Test
  void completesCommandsAndOptionsButNotWhatIsSaid() throws Exception {
    openShellOnAService();
    terminal().typeAt(prompt, "gre\t");
    terminal().typeAt("greet ", "Grace --ti\t");
    terminal().typeAt(" Grace --timeout ", "5s\r");
    terminal().typeAt("Hello Grace!\n" + prompt, "help scr\t");
    terminal().typeAt("help script ", "\r");
    terminal().typeAt(prompt, "chat\r");
    terminal().typeAt("chat\n", "gre\t");
    terminal().typeAt("gre", "\r");
    terminal().typeAt("Welcome, gre!\n", CTRL_D);
    terminal().typeAt(prompt, "chat\r");
    terminal().typeAt("chat\n", "Bob\r");
    terminal().typeAt("Welcome, Bob!\n", "\r");
    leave();

    assertScreen().contains("script FILE [--keep-going]");
    assertThat(terminal().raw()).as("without colours").contains("gre\r");
  }

  @Test
  void showsNoColourToWhoWantsNone() throws Exception {
    openShell(Map.of("NO_COLOR", "1"));
    terminal().typeAt(prompt, "nope\r");
    terminal().typeAt(prompt, "greet Ada\r");
    leave();

    assertScreen().contains("There is no command 'nope'.", "Hello Ada!");
    assertThat(terminal().raw()).doesNotContainPattern(COLOUR);
  }

  @Test
  void cancelsTheCallsThatAreRunningAtCtrlC() throws Exception {
    openShell();
    try (var silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      String nobody = " --timeout 60s --server 127.0.0.1:" + silent.getLocalPort() + "\r";
      terminal().typeAt(prompt, "greet Ada" + nobody);
      pressCtrlCUntilCancelled(1);
      terminal().typeAt(prompt, "greet Ada Bob Cy" + nobody);
      pressCtrlCUntilCancelled(2);
      terminal().typeAt(prompt, "greet Grace\r");
      leave();
      assertScreen().contains("Hello Grace!");
      assertThat(cancellations()).as("each told once").isEqualTo(2);
    }
  }

  @Test
  void takesPastedLinesForLines() throws Exception {
    openShellOnAService();
    terminal().typeAt(prompt, "greet Ada\rgreet Bob\r");
    terminal().typeAt("Hello Bob!\n" + prompt, "chat\r");
    terminal().typeAt("chat\n", "Cy\rDee\r");
    terminal().typeAt("Welcome, Dee!\n", "\r");
    leave();

    assertScreen().contains("Hello Ada!\n", "Welcome, Cy!\n");
    assertThat(terminal().raw()).as("bracketed paste").doesNotContain("\u001b[?2004h");
  }

  @Test
  void setsWhichServiceAndWhichForm() throws Exception {
    openShell(Map.of("GREETER_SERVER", "127.0.0.1:1"));
    terminal().typeAt("127.0.0.1:1 down greeter> ", "set server " + service.address() + "\r");
    terminal().typeAt(prompt, "set output json\r");
    terminal().typeAt(prompt, "greet Ada\r");
    leave();

    assertScreen().contains("{\"name\":\"Ada\",\"greeting\":\"Hello Ada!\"}\n");
  }

  @Test
  void endsAScriptAtCtrlC() throws Exception {
    Path script = Files.writeString(directory.resolve("script"), "greet Ada\n".repeat(400));
    openShell();
    try (var silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      terminal().typeAt(prompt, "set server 127.0.0.1:" + silent.getLocalPort() + "\r");
      terminal().typeAt(" down greeter> ", "script " + script + " --keep-going\r");
      pressCtrlCUntilCancelled(1);
      terminal().typeAt(" down greeter> ", CTRL_D);
      assertThat(terminal().exitCode()).isZero();
      assertThat(cancellations()).isEqualTo(1);
    }
  }

  @Test
  void startsWithAHistoryThatCannotBeRead() throws Exception {
    Path history = Files.createDirectory(directory.resolve("greeter")).resolve("history");
    Files.write(history, "1:greet Grace\n1:gr\u00ff\nno time\n".getBytes(ISO_8859_1));
    openShellOnAService();
    terminal().typeAt(prompt, CTRL_R + "Grace\r");
    leave();

    assertScreen().contains("Hello Grace!").doesNotContain("Exception", "\tat ");
  }

  @Test
  void startsInAHomeWhoseNameTheLocaleDoesNotHave() throws Exception {
    Path home = Files.createDirectory(directory.resolve("h\u00f6me"));
    openShell(Map.of("XDG_STATE_HOME", "", "HOME", home.toString(), "LC_ALL", "C"));
    terminal().typeAt(prompt, "greet Ada\r");
    leave();

    assertScreen().contains("Hello Ada!").doesNotContain("Exception", "\tat ");
  }

  @Test
  void keepsCommandsForTheNextSessionButNotWhatTheyAskedFor() throws Exception {
    openShellOnAService();
    terminal().typeAt(prompt, "greet Grace\r");
    terminal().typeAt(prompt, "greet\r");
    terminal().typeAt("What is your name? ", "Zoë\r");
    terminal().typeAt(prompt, "chat\r");
    terminal().typeAt("chat\n", "Alice\r");
    terminal().typeAt("Welcome, Alice!\n", CTRL_D);
    terminal().typeAt(prompt, "greet Ada\r");
    leave();
    terminal().close();

    Path history = directory.resolve("greeter").resolve("history");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(history)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(history))
        .contains("greet Grace", "greet Ada")
        .doesNotContain("Zoë", "Alice");

    openShellOnAService();
    terminal().typeAt(prompt, ARROW_UP + "\r");
    terminal().typeAt("Hello Ada!\n" + prompt, CTRL_R + "Grace\r");
    leave();
    assertScreen().contains("bck-i-search", "Hello Grace!");
  }

  @Test
  void tellsThatTheServiceIsDownAndWhatOfAConversationIsLost() throws Exception {
    try (RunningService brief = RunningService.start(Map.of())) {
      openShell(Map.of("GREETER_SERVER", brief.address()));
      terminal().typeAt(brief.address() + " up greeter> ", "chat\r");
      terminal().typeAt("chat\n", "Alice\r");
      terminal().typeAt("Welcome, Alice!\n", "");
      brief.kill();
      // Until the client has seen it: the name is not sent then.
      Thread.sleep(1_000);
      terminal().type("Bob\r");
      terminal().typeAt(brief.address() + " down greeter> ", CTRL_D);

      assertThat(terminal().exitCode()).isZero();
      assertScreen()
          .contains("Nothing is lost: 'Bob' goes to the next server.\n")
          .containsPattern("No service answered at .* within 5 s.\n.*\nWithout an answer: 'Bob'\n");
      assertThat(terminal().raw()).contains(" \u001b[31mdown\u001b[0m greeter> ");
    }
  }

  private void openShell() throws IOException {
    openShell(Map.of());
  }

  private void openShell(Map<String, String> more) throws IOException {
    Map<String, String> environment =
        new HashMap<>(
            Map.of("GREETER_SERVER", service.address(), "XDG_STATE_HOME", directory.toString()));
    environment.putAll(more);
    terminal = PseudoTerminal.run("exec " + String.join(" ", Program.clientCommand()), environment);
  }

  /** It may be down at first, as seen by a shell that waits for its share of the CPU. */
  private void openShellOnAService() throws IOException {
    openShell();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(500))
        .until(
            () -> {
              if (terminal().screen().endsWith(" down greeter> ")) {
                terminal().type("\r");
              }
              return terminal().screen().endsWith(prompt);
            });
  }

  private PseudoTerminal terminal() {
    return Objects.requireNonNull(terminal);
  }

  private void pressCtrlCUntilCancelled(int times) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(
            () -> {
              terminal().type(CTRL_C);
              assertThat(cancellations()).isEqualTo(times);
            });
  }

  private int cancellations() throws IOException {
    return terminal().screen().split("was cancelled\\.", -1).length - 1;
  }

  private void leave() throws Exception {
    terminal().typeAt(prompt, CTRL_D);
    assertThat(terminal().exitCode()).isZero();
  }

  private AbstractStringAssert<?> assertScreen() throws IOException {
    return assertThat(terminal().screen());
  }
}
