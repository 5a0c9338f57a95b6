package dev.greeter.cli.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jline.reader.History.Entry;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.impl.history.DefaultHistory;
import org.jline.terminal.impl.DumbTerminal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the history is kept, and that it may be nowhere. */
class HistoryFileTest {

  @TempDir private Path directory;
  private LineReader reader;

  @BeforeEach
  void openReader() throws Exception {
    var terminal =
        new DumbTerminal(new ByteArrayInputStream(new byte[0]), new ByteArrayOutputStream());
    reader = LineReaderBuilder.builder().terminal(terminal).build();
  }

  @Test
  void isInTheUsersStateDirectory() {
    attach(Map.of("XDG_STATE_HOME", directory.toString(), "HOME", "/nowhere"));

    assertThat(directory.resolve("greeter/history")).isEmptyFile();
  }

  @Test
  void isInTheUsersHomeIfNoStateDirectoryIsNamed() {
    attach(Map.of("XDG_STATE_HOME", "relative", "HOME", directory.toString()));

    assertThat(directory.resolve(".local/state/greeter/history")).isEmptyFile();
  }

  @Test
  void endsWithTheSessionIfThereIsNoHome() {
    attach(Map.of());

    assertThat(reader.getVariable(LineReader.HISTORY_FILE)).isNull();
  }

  @Test
  void endsWithTheSessionIfTheFileCannotBeWritten() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));

    attach(Map.of("XDG_STATE_HOME", file.toString()));

    assertThat(reader.getVariable(LineReader.HISTORY_FILE)).isNull();
    reader.getHistory().add("greet Ada");
    reader.getHistory().save();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1767225600000:greet Ada\\", "99999999999999999999:greet Ada", ":", "greet"})
  void isWithoutTheLinesThatTheShellCannotRead(String line) throws Exception {
    Path file = Files.createDirectory(directory.resolve("greeter")).resolve("history");
    Files.writeString(file, line + "\n1767225600000:greet \\\\\n");

    attach(Map.of("XDG_STATE_HOME", directory.toString()));

    assertThat(new DefaultHistory(reader)).extracting(Entry::line).containsExactly("greet \\");
  }

  private void attach(Map<String, String> variables) {
    HistoryFile.attach(reader, variables);
  }
}
