package dev.greeter.cli.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.jspecify.annotations.Nullable;

/**
 * Reads lines of standard input as UTF-8, regardless of the locale. Each line is decoded
 * separately, so an invalid one does not affect the others.
 */
public final class Utf8LineReader implements Input {

  /** Longer than any command or name that a service accepts. */
  private static final int MAX_BYTES = 64 * 1024;

  private final InputStream in;
  private final boolean terminal;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private int number;
  private boolean tooLong;

  /**
   * Creates the reader.
   *
   * @param in standard input
   * @param terminal whether it is a terminal
   */
  public Utf8LineReader(InputStream in, boolean terminal) {
    this.in = new BufferedInputStream(in);
    this.terminal = terminal;
  }

  /** An invalid line; the following lines may be valid. */
  public static final class InvalidLineException extends UsageException {
    private InvalidLineException(String message) {
      super(message);
    }
  }

  /**
   * Reads a line.
   *
   * @throws InvalidLineException if the line is too long or not UTF-8
   * @throws UsageException if the input cannot be read
   */
  @Override
  public @Nullable String read(String prompt) {
    if (terminal) {
      System.err.print(prompt);
      System.err.flush();
    }
    try {
      return readBytes() ? decode() : null;
    } catch (IOException e) {
      throw new UsageException(
          "Cannot read standard input: %s. Redirect it from a file or a pipe."
              .formatted(e.getMessage()));
    }
  }

  @Override
  public boolean isReady() {
    try {
      return in.available() > 0;
    } catch (IOException e) {
      return true; // read() reports the problem.
    }
  }

  @Override
  public boolean isTerminal() {
    return terminal;
  }

  /** Returns the number of the last line read, starting at 1. */
  public int number() {
    return number;
  }

  private boolean readBytes() throws IOException {
    // Skip the rest of a line that was too long.
    while (tooLong) {
      int b = in.read();
      tooLong = b >= 0 && b != '\n';
    }
    line.reset();
    int b = in.read();
    if (b < 0) {
      return false;
    }
    number++;
    for (; b >= 0 && b != '\n'; b = in.read()) {
      line.write(b);
      if (line.size() > MAX_BYTES) {
        tooLong = true;
        throw invalid("is longer than 64 KB. Shorten it, or end each line with a line feed.");
      }
    }
    return true;
  }

  private String decode() {
    String text;
    try {
      text = UTF_8.newDecoder().decode(ByteBuffer.wrap(line.toByteArray())).toString();
    } catch (CharacterCodingException e) {
      throw invalid("is not UTF-8. Convert the input first, for example with iconv.");
    }
    // Some editors start a file with a byte order mark.
    int start = number == 1 && text.startsWith("\uFEFF") ? 1 : 0;
    return text.substring(start, text.length() - (text.endsWith("\r") ? 1 : 0));
  }

  private InvalidLineException invalid(String problem) {
    return new InvalidLineException("Line %d of standard input %s".formatted(number, problem));
  }
}
