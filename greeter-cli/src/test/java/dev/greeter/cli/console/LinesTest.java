package dev.greeter.cli.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.cli.error.UsageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Lines of bytes that may be anything. */
class LinesTest {

  @Test
  void areDecodedEachByItself() {
    Lines lines = lines(new byte[] {'a', '\r', '\n', (byte) 0xc3, '\n', (byte) 0xc3, (byte) 0xab});

    assertThat(lines.next()).isEqualTo("a");
    assertThatThrownBy(lines::next)
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("Line 2 of there is not UTF-8.");
    assertThat(lines.next()).isEqualTo("\u00eb");
    assertThat(lines.place()).isEqualTo("there:3");
    assertThat(lines.next()).isNull();
  }

  @Test
  void mayBeEmptyAndNeedNoEnd() {
    Lines lines = lines("\n\nb".getBytes(UTF_8));

    assertThat(lines.next()).isEmpty();
    assertThat(lines.next()).isEmpty();
    assertThat(lines.next()).isEqualTo("b");
    assertThat(lines.next()).isNull();
  }

  @Test
  void haveALimitBehindWhichTheNextOneIsRead() {
    Lines lines = lines(("x".repeat(65_536) + "\n" + "x".repeat(200_000) + "\nb").getBytes(UTF_8));

    assertThat(lines.next()).hasSize(65_536);
    assertThatThrownBy(lines::next).hasMessageContaining("Line 2 of there is longer than 64 KB.");
    assertThat(lines.next()).isEqualTo("b");
  }

  @Test
  @Timeout(10)
  void haveALimitAlsoWithoutAnEnd() {
    var endless =
        new InputStream() {
          @Override
          public int read() {
            return 'x';
          }
        };

    assertThatThrownBy(lines(endless)::next).hasMessageContaining("longer than 64 KB");
  }

  @Test
  void tellOnceThatTheyCannotBeRead() {
    Lines lines =
        lines(
            new InputStream() {
              @Override
              public int read() throws IOException {
                throw new IOException("Is a directory");
              }
            });

    assertThatThrownBy(lines::next)
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("cannot be read: Is a directory");
    assertThat(lines.next()).isNull();
  }

  private static Lines lines(byte[] bytes) {
    return lines(new ByteArrayInputStream(bytes));
  }

  private static Lines lines(InputStream in) {
    return new Lines("there", in, new PrintWriter(System.err, true));
  }
}
