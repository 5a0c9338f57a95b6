package dev.greeter.cli.process;

import static dev.greeter.cli.process.PseudoTerminal.PROMPT;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shell on a terminal. */
class InteractiveShellIT {

  private static final String ARROW_UP = "\u001bOA";
  private static final String CTRL_BACKSLASH = "\u001c";
  private static final String CTRL_C = "\u0003";
  private static final String CTRL_D = "\u0004";
  private static final String CTRL_R = "\u0012";

  @TempDir private Path directory;

  @Test
  void continuesAfterFailuresAndCtrlCUntilCtrlD() throws Exception {
    try (PseudoTerminal terminal = open(100, Map.of())) {
      terminal.typeAt(PROMPT, "greet \"\"\r");
      terminal.typeAt(PROMPT, "nope\r");
      terminal.typeAt(PROMPT, "greet O'Brien!\r");
      terminal.typeAt(PROMPT, "not run");
      terminal.typeAt("not run", CTRL_BACKSLASH + CTRL_C);
      terminal.typeAt(PROMPT, "greet\r");
      terminal.typeAt("What is your name? ", "Zoë 👋\r");
      // Two pasted commands.
      terminal.typeAt(PROMPT, "greet Ada\rgreet Bob\r");
      terminal.typeAt("Hello Bob!" + PROMPT, "greet -\r");
      terminal.typeAt("greet -\n", "Cy\r");
      terminal.typeAt("Hello Cy!\n", CTRL_C);
      leave(terminal);

      assertScreen(terminal)
          .startsWith("Type help for a list of commands, exit or Ctrl-D to leave.\n")
          .contains(
              "name must not be empty. Fix the name",
              "Unknown command 'nope'.",
              "Hello O'Brien!!\n",
              "Hello Zoë 👋!\n",
              "Hello Ada!\n")
          .doesNotContain("bug", "Exception", "thread dump", "Full thread");
      assertThat(terminal.raw())
          .contains(" \u001b[32mup\u001b[0m greeter> ", "\u001b[31mUnknown command 'nope'.")
          .as("bracketed paste")
          .doesNotContain("\u001b[?2004h");
    }
  }

  @Test
  void completesCommandsAndOptionsButNotNames() throws Exception {
    try (PseudoTerminal terminal = open(100, Map.of())) {
      terminal.typeAt(PROMPT, "gre\t");
      terminal.typeAt("greet ", "Grace --ti\t");
      terminal.typeAt(" Grace --timeout ", "5s --output j\t");
      terminal.typeAt(" --output json ", "\r");
      terminal.typeAt("Hello Grace!\"}" + PROMPT, "help sta\t");
      terminal.typeAt("help status ", "\r");
      terminal.typeAt(PROMPT, "chat\r");
      terminal.typeAt("An empty line or Ctrl-D ends the chat.\n", "gre\t");
      terminal.typeAt("gre", "\r");
      terminal.typeAt("Welcome, gre!\n", "Ada\rBob\r");
      terminal.typeAt("Welcome, Bob!\n", CTRL_D);
      terminal.typeAt(PROMPT, "greet Ada\r");
      leave(terminal);

      assertScreen(terminal).contains("Usage: greeter status", "Welcome, Ada!\n");
      assertThat(terminal.raw()).as("without colours").contains("gre\r");
    }
    Path history = directory.resolve("greeter/history");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(history)))
        .isEqualTo("rw-------");
    assertThat(history).content().contains("greet Grace", "greet Ada").doesNotContain("Bob");
    remembersTheCommandsOfEarlierSessionsIn40Columns();
  }

  private void remembersTheCommandsOfEarlierSessionsIn40Columns() throws Exception {
    String name = "Wolfeschlegelsteinhausenbergerdorff";
    try (PseudoTerminal terminal = open(40, Map.of())) {
      terminal.typeAt(PROMPT, ARROW_UP + "\r");
      terminal.typeAt("Hello Ada!" + PROMPT, CTRL_R + "Grace\r");
      terminal.typeAt("Hello Grace!\"}" + PROMPT, "greet " + name + "\r");
      leave(terminal);

      assertScreen(terminal).contains("bck-i-search", "\nHello " + name + "!\n");
    }
  }

  @Test
  void cancelsRunningCommandOnCtrlC() throws Exception {
    try (PseudoTerminal terminal = open(100, Map.of());
        var silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      String nobody = " --server 127.0.0.1:" + silent.getLocalPort() + "\r";
      terminal.typeAt(PROMPT, "greet Ada" + nobody);
      silent.accept();
      terminal.type(CTRL_BACKSLASH + CTRL_C);
      terminal.typeAt(PROMPT, "greet Ada Bob Cy" + nobody);
      terminal.typeAt("Bob Cy" + nobody.replace('\r', '\n'), CTRL_C);
      terminal.typeAt(PROMPT, "status --watch\r");
      terminal.typeAt("  SERVING, secret accepted\n", CTRL_C);
      terminal.typeAt("^C" + PROMPT, "greet -\r");
      terminal.typeAt("greet -\n", "Eve\r");
      terminal.typeAt("Hello Eve!\n", CTRL_C);
      terminal.typeAt(PROMPT, "greet Grace\r");
      leave(terminal);

      assertScreen(terminal)
          .contains("\nHello Grace!\n")
          .doesNotContain("Full thread dump")
          .containsOnlyOnce("0 greeted, 0 failed, 3 skipped.")
          .containsOnlyOnce("1 greeted, 0 failed, the rest skipped.");
      assertThat(terminal.screen().split("was cancelled\\.")).as("each once").hasSize(3);
    }
  }

  @Test
  void reportsTypeAheadOfFailedChatWithoutRunningIt() throws Exception {
    try (PseudoTerminal terminal = open(100, Map.of())) {
      terminal.typeAt(PROMPT, "chat --server 127.0.0.1:1\rAda\rexit 3\r\rexit 4\r");

      assertThat(terminal.exitCode()).isEqualTo(4);
      assertScreen(terminal).contains("No answer: 'Ada'.\n", "No answer: 'exit 3'.\n");
    }
  }

  @Test
  void worksOnDumbTerminalWithUnreadableHistory() throws Exception {
    Path history = Files.createDirectory(directory.resolve("greeter")).resolve("history");
    Files.write(history, "1:greet Grace\n1:gr\u00ff\nno time\n".getBytes(ISO_8859_1));
    try (PseudoTerminal terminal = open(100, Map.of("TERM", "dumb", "LC_ALL", "C"))) {
      terminal.typeAt(PROMPT, "greet Zoë\r");
      terminal.typeAt("Hello Zoë!" + PROMPT, "nope\r");
      leave(terminal);

      assertScreen(terminal).doesNotContain("Exception", "\tat ");
      assertThat(terminal.raw()).doesNotContain("\u001b");
    }
  }

  @Test
  void worksWithoutColoursInAsciiLocale() throws Exception {
    Path home = Files.createDirectory(directory.resolve("h\u00f6me"));
    Map<String, String> environment =
        Map.of("NO_COLOR", "1", "LC_ALL", "C", "HOME", home.toString(), "XDG_STATE_HOME", "");
    try (PseudoTerminal terminal = open(100, environment)) {
      terminal.typeAt(PROMPT, "nope\r");
      terminal.typeAt(PROMPT, "greet Zoë\r");
      leave(terminal);

      assertScreen(terminal)
          .contains("Unknown command 'nope'.", "\nHello Zoë!\n")
          .doesNotContain("Exception");
      assertThat(terminal.raw()).doesNotContainPattern("\u001b\\[[0-9;]*m");
    }
  }

  private PseudoTerminal open(int columns, Map<String, String> more) throws IOException {
    Map<String, String> environment = new HashMap<>(RunningService.client());
    environment.put("TERM", "xterm");
    environment.put("XDG_STATE_HOME", directory.toString());
    environment.putAll(more);
    return new PseudoTerminal(columns, environment);
  }

  private static void leave(PseudoTerminal terminal) throws Exception {
    terminal.typeAt(PROMPT, CTRL_D);
    assertThat(terminal.exitCode()).isZero();
  }

  private static AbstractStringAssert<?> assertScreen(PseudoTerminal terminal) throws IOException {
    return assertThat(terminal.screen());
  }
}
