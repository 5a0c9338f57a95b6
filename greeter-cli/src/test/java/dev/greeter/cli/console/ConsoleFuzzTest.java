package dev.greeter.cli.console;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.cli.console.Utf8LineReader.InvalidLineException;
import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Input of arbitrary bytes, and output that is safe to show. */
class ConsoleFuzzTest {

  private final List<String> err = new ArrayList<>();

  @Test
  void decodesEachLineSeparately() {
    String text = "\u00ef\u00bb\u00bfa\r\n\n\u00c3\n\u00c3\u00ab\u00ef\u00bb\u00bf";
    var lines = reader(new ByteArrayInputStream(text.getBytes(ISO_8859_1)));

    assertThat(lines.read("never shown")).isEqualTo("a");
    assertThat(lines.read("")).isEmpty();
    assertThatThrownBy(() -> lines.read(""))
        .isInstanceOf(InvalidLineException.class)
        .hasMessageStartingWith("Line 3 of standard input is not UTF-8. ");
    assertThat(lines.read("")).isEqualTo("\u00eb\ufeff");
    assertThat(lines.read("")).isNull();
  }

  @Test
  @Timeout(60)
  void rejectsOverlongLineAndReadsNext() {
    String text = "x".repeat(65_536) + "\n" + "x".repeat(200_000) + "\nb";
    var lines = reader(new ByteArrayInputStream(text.getBytes(UTF_8)));

    assertThat(lines.read("")).hasSize(65_536);
    assertThatThrownBy(() -> lines.read(""))
        .hasMessageStartingWith("Line 2 of standard input is longer than 64 KB. ");
    assertThat(lines.read("")).isEqualTo("b");
  }

  @Test
  void reportsUnreadableInput() {
    var directory =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("Is a directory");
          }
        };

    assertThatThrownBy(() -> reader(directory).read(""))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith("Cannot read standard input: Is a directory. ");
  }

  @Property
  void readsOrRejectsEachLineOfArbitraryBytes(Input input) {
    byte[] content =
        input.below(2) == 0 ? input.bytes() : Input.utf8(input.rest("\n", "Ada", "\ufeff"));
    int expected = 0;
    for (int i = 0; i < content.length; i++) {
      expected += content[i] == '\n' || i == content.length - 1 ? 1 : 0;
    }
    var lines = reader(new ByteArrayInputStream(content));

    int number = 0;
    boolean more = true;
    while (more) {
      try {
        more = lines.read("") != null;
        number += more ? 1 : 0;
      } catch (InvalidLineException e) {
        number++;
        assertThat(e).hasMessageStartingWith("Line %d of standard input is not UTF-8.", number);
      }
    }
    assertThat(number).isEqualTo(expected).isEqualTo(lines.number());
  }

  @Property
  void readsBackWrittenLines(Input input) {
    List<String> written = new ArrayList<>();
    while (input.hasMore()) {
      // UTF-8 cannot represent an unpaired surrogate.
      written.add(input.text("Ada").replaceAll("[\n\r\ufeff\ud800-\udfff]", ""));
    }
    String newline = input.pick("\n", "\r\n");
    var lines =
        reader(new ByteArrayInputStream(Input.utf8(String.join(newline, written) + newline)));

    for (String line : written) {
      assertThat(lines.read("")).isEqualTo(line);
    }
  }

  @Property
  void escapesControlsAndLineSeparators(Input input) {
    assertThat(Printable.of(input.rest("\u001b", "[31m", "\u202e", "\u009b")).codePoints())
        .noneMatch(Character::isISOControl)
        .noneMatch(c -> Character.getType(c) == Character.LINE_SEPARATOR)
        .noneMatch(c -> Character.getType(c) == Character.PARAGRAPH_SEPARATOR);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '%',
      value = {
        "%a\tb\033[2J\007 \u009b1m%, a\\u0009b\\u001b[2J\\u0007 \\u009b1m",
        "%a\nb\rc\u2028d\u2029e%, a\\u000ab\\u000dc\\u2028d\\u2029e",
        "\u202eadA\u202c \u2066x\u2069, \\u202eadA\\u202c \\u2066x\\u2069",
        "a\u00ad\u061c\u200b\u200d\u2060\ufff9, a\\u00ad\\u061c\\u200b\\u200d\\u2060\\ufff9",
        "a\udb40\udc41b, a\\udb40\\udc41b",
        "Zo\u00eb \u05e9\u05dc 👩🏽 a\\b \ue000 \u0378, Zo\u00eb \u05e9\u05dc 👩🏽 a\\b \ue000 \u0378",
      })
  void escapesTextOnlyOnTerminals(String text, String safe) {
    OutputStream nowhere = OutputStream.nullOutputStream();

    assertThat(output(nowhere, true).show(text)).isEqualTo(safe);
    assertThat(output(nowhere, false).show(text)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void escapesJsonEverywhere(boolean terminal) {
    var out = new ByteArrayOutputStream();
    Output output = output(out, terminal);
    output.begin(true, "");
    output.result("text", Map.of("greeting", "\033\t\u202e\"Zo\u00eb"));

    assertThat(out.toString(UTF_8)).isEqualTo("{\"greeting\":\"\\u001B\\t\\u202e\\\"Zo\u00eb\"}\n");
  }

  @ParameterizedTest
  @CsvSource({
    "Broken pipe, ''",
    "No space left on device, 'Cannot write the output: No space left on device. Check the disk.'"
  })
  void reportsWriteFailureExceptBrokenPipe(String reason, String message) {
    var full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException(reason);
          }
        };
    Output output = output(full, false);

    output.result("text", Map.of());
    assertThat(output.isWritable()).isFalse();
    output.reportWriteFailure();
    assertThat(String.join("", err)).isEqualTo(message);
  }

  private static Utf8LineReader reader(InputStream in) {
    return new Utf8LineReader(in, false);
  }

  private Output output(OutputStream out, boolean terminal) {
    return new Output(out, terminal, err::add, UnaryOperator.identity());
  }
}
