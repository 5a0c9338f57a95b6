package dev.greeter.cli.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.TestClient;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jline.reader.Candidate;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.Parser.ParseContext;
import org.jline.reader.impl.DefaultParser;
import org.jline.reader.impl.history.DefaultHistory;
import org.jline.terminal.impl.DumbTerminal;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.shell.core.command.CommandRegistry;

/** The shell's history and Tab completion. */
class LineReaderTest {

  private static CommandRegistry commands = new CommandRegistry(Set.of());
  private static LineReader reader;

  @TempDir private Path directory;

  @BeforeAll
  static void openReader() throws Exception {
    TestClient.alone().looking(c -> commands = c.getBean(CommandRegistry.class)).run("help");
    var terminal = new DumbTerminal(InputStream.nullInputStream(), OutputStream.nullOutputStream());
    reader = LineReaderBuilder.builder().terminal(terminal).build();
  }

  @Test
  void keepsPrivateHistoryInStateDirectory() throws Exception {
    HistoryFile.attach(reader, Map.of("XDG_STATE_HOME", directory.toString(), "HOME", "/nope"));
    var history = new DefaultHistory(reader);
    history.add("greet Ada");
    history.save();
    HistoryFile.attach(reader, Map.of("XDG_STATE_HOME", directory.toString()));

    Path file = directory.resolve("greeter/history");
    assertThat(file).content().endsWith(":greet Ada\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void fallsBackToHomeDirectoryForHistory() {
    HistoryFile.attach(reader, Map.of("XDG_STATE_HOME", "relative", "HOME", directory.toString()));

    assertThat(directory.resolve(".local/state/greeter/history")).isEmptyFile();
  }

  @Test
  void disablesHistoryIfItCannotBeStored() throws Exception {
    String file = Files.createFile(directory.resolve("file")).toString();

    for (String state : List.of("", file, "/a\0b")) {
      HistoryFile.attach(reader, Map.of("XDG_STATE_HOME", state));
      assertThat(reader.getVariable(LineReader.HISTORY_FILE)).isNull();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', chat greet help, --server",
    "'help ', chat greet help, --server",
    "'completion ', bash zsh fish, greet",
    "'greet Ada --output ', text json, --server",
    "'greet Ada --', --concurrency --keep-going --server --output, --watch",
    "'greet Ada --', --metadata --help, --cacert",
    "'status -', --watch --help, --concurrency",
  })
  void completesCommandsOptionsAndValues(String line, String offered, String notOffered) {
    List<Candidate> candidates = new ArrayList<>();
    var parsed = new DefaultParser().parse(line, line.length(), ParseContext.COMPLETE);

    new OptionCompleter(commands).complete(reader, parsed, candidates);

    assertThat(candidates)
        .extracting(Candidate::value)
        .contains(offered.split(" "))
        .doesNotContain(notOffered);
  }
}
