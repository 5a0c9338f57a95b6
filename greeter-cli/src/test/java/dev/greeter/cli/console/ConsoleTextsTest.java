package dev.greeter.cli.console;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.Texts;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Any input, and whatever a service sends. */
class ConsoleTextsTest {

  @Test
  void areTheLinesThatWereWritten() {
    Texts.check(
        text -> {
          String written =
              new String(text.getBytes(UTF_8), UTF_8).replaceAll("^[\r\ufeff]+|\r", "");
          List<String> lines = List.of(written.split("\n", -1));
          assertThat(read((written + "\n").getBytes(UTF_8))).isEqualTo(lines);
          assertThat(read((written.replace("\n", "\r\n") + "\r\n").getBytes(UTF_8)))
              .isEqualTo(lines);
        },
        "Ada",
        "\n",
        "\r",
        "\ufeff");
  }

  /** One that is not UTF-8 costs none of those around it. */
  @Test
  void areAsManyLinesAsThereAre() {
    Texts.check(
        text -> {
          byte[] bytes = (text + "\n").getBytes(ISO_8859_1);
          long feeds = text.chars().filter(c -> c == '\n').count() + 1;
          assertThat(read(bytes)).hasSize((int) feeds);
        },
        "Ada",
        "\n",
        "\u00e9",
        "\u00f0\u009f\u0091\u008b");
  }

  @Test
  void areShownWithoutWhatATerminalWouldExecute() {
    Texts.check(
        text ->
            assertThat(Printable.of(text))
                .doesNotContainPattern("[\\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]"),
        "Ada",
        "\u001b[2J",
        "\u202e",
        "\u2066");
  }

  private static List<String> read(byte[] input) {
    var lines =
        new Lines("-", new ByteArrayInputStream(input), new PrintWriter(Writer.nullWriter()));
    List<String> read = new ArrayList<>();
    while (true) {
      try {
        String line = lines.next();
        if (line == null) {
          return read;
        }
        read.add(line);
      } catch (UnusableLineException e) {
        read.add(e.getMessage());
      }
    }
  }
}
