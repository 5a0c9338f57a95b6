package dev.greeter.cli.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jline.reader.History;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.impl.history.DefaultHistory;
import org.jline.terminal.impl.DumbTerminal;

/** Of whatever the file of the history holds. */
class HistoryFileFuzzTest {

  private final Path state = Files.createTempDirectory("state");
  private final Path directory = Files.createDirectory(state.resolve("greeter"));
  private final Path file = directory.resolve("history");
  private final LineReader reader =
      LineReaderBuilder.builder()
          .terminal(
              new DumbTerminal(new ByteArrayInputStream(new byte[0]), new ByteArrayOutputStream()))
          .build();

  HistoryFileFuzzTest() throws Exception {
    state.toFile().deleteOnExit();
    directory.toFile().deleteOnExit();
    file.toFile().deleteOnExit();
  }

  @Property(runs = 500)
  void theShellHasAHistory(Input input) throws Exception {
    int form = input.below(2);
    byte[] content =
        form == 0
            ? input.bytes()
            : Input.utf8(
                input.rest("1767225600000", ":", "greet Ada", "\n", "\\", "9", "99999999"));
    Files.write(file, content);

    HistoryFile.attach(reader, Map.of("XDG_STATE_HOME", state.toString()));
    History history = new DefaultHistory(reader);
    history.add("greet Grace");
    history.save();

    assertThat(new DefaultHistory(reader).last()).isNotNegative();
    assertThat(Files.readString(file)).contains("greet Grace");
  }
}
