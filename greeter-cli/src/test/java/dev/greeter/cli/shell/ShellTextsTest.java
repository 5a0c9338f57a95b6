package dev.greeter.cli.shell;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.error.UsageException;
import dev.greeter.guard.fixture.Texts;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jline.reader.LineReaderBuilder;
import org.jline.terminal.impl.DumbTerminal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Any line that is typed, and any file in the place of the history. */
class ShellTextsTest {

  @TempDir private Path directory;

  @Test
  void areWordsOrRefused() {
    Texts.check(
        text -> {
          if (Texts.isAccepted(UsageException.class, text, Words::of) && !text.isBlank()) {
            assertThat(Words.of(text)).isNotEmpty();
          }
        },
        "greet",
        " ",
        "\"",
        "'",
        "\\",
        "=",
        "--name=",
        "O'Brien");
  }

  @Test
  void areTheWordsThatWereQuoted() {
    Texts.check(
        text -> {
          String doubly = text.replaceAll("[\\\\\"]", "\\\\$0");
          String singly = text.replace("'", "'\\''");
          assertThat(Words.of("a \"" + doubly + "\" --name=\"" + doubly + "\""))
              .isEqualTo(List.of("a", text, "--name=" + text));
          if (!text.contains("'")) {
            assertThat(Words.of("'" + singly + "' b")).isEqualTo(List.of(text, "b"));
          }
        },
        "Ada",
        " ",
        "\"",
        "'",
        "\\",
        "=");
  }

  @Test
  void areNoHistoryThatKeepsTheShellFromStarting() throws Exception {
    Path history = Files.createDirectory(directory.resolve("greeter")).resolve("history");
    var terminal =
        new DumbTerminal(new ByteArrayInputStream(new byte[0]), new ByteArrayOutputStream());
    var reader = LineReaderBuilder.builder().terminal(terminal).build();
    Texts.check(
        text -> {
          Files.write(history, text.getBytes(UTF_8));
          HistoryFile.attach(reader, Map.of("XDG_STATE_HOME", directory.toString()));
          reader.getHistory().load();
          long lines = text.lines().count();
          assertThat((long) reader.getHistory().size()).isLessThanOrEqualTo(lines);
        },
        "1795762749000:",
        "greet Ada",
        "\n",
        ":",
        "1",
        "99999999999999999999",
        "-",
        "\\n",
        "\\");
  }
}
