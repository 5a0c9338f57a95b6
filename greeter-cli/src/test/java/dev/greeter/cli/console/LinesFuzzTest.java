package dev.greeter.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Of whatever comes on standard input, and of whatever a service sends. */
class LinesFuzzTest {

  private static final PrintWriter NOWHERE = new PrintWriter(Writer.nullWriter());

  @Property
  void aLineIsReadOrRefusedAndTheNextOneIsRead(Input input) {
    byte[] content =
        input.below(2) == 0 ? input.bytes() : Input.utf8(input.rest("\n", "Ada", "\ufeff"));
    int newlines = 0;
    for (byte b : content) {
      newlines += b == '\n' ? 1 : 0;
    }
    var lines = lines(content);

    int number = 0;
    boolean more = content.length > 0;
    while (more) {
      try {
        String line = lines.next();
        more = line != null;
        number += more ? 1 : 0;
      } catch (UnusableLineException e) {
        number++;
        assertThat(e).hasMessageStartingWith("Line " + number + " of input is not UTF-8.");
      }
    }
    boolean ended = content.length == 0 || content[content.length - 1] == '\n';
    assertThat(number).isEqualTo(newlines + (ended ? 0 : 1));
    assertThat(lines.place()).isEqualTo("input:" + number);
  }

  @Property
  void linesThatAreWrittenAreRead(Input input) {
    List<String> written = new ArrayList<>();
    while (input.hasMore()) {
      // Half of a pair of surrogates is nothing that UTF-8 has.
      written.add(input.text("Ada").replaceAll("[\n\r\ufeff\ud800-\udfff]", ""));
    }
    String newline = input.pick("\n", "\r\n");
    var lines = lines(Input.utf8(String.join(newline, written) + newline));

    for (String line : written) {
      assertThat(lines.next()).isEqualTo(line);
    }
    assertThat(next(lines)).isIn(null, "");
  }

  @Property
  void whatIsPrintedIsOneLineAndExecutesNothing(Input input) {
    String printed = Printable.of(input.rest("\u001b", "[31m", "\u202e", "\u009b"));

    assertThat(printed.codePoints())
        .noneMatch(Character::isISOControl)
        .noneMatch(c -> Character.getType(c) == Character.LINE_SEPARATOR)
        .noneMatch(c -> Character.getType(c) == Character.PARAGRAPH_SEPARATOR);
  }

  private static @Nullable String next(Lines lines) {
    return lines.next();
  }

  private static Lines lines(byte[] content) {
    return new Lines("input", new ByteArrayInputStream(content), NOWHERE);
  }
}
