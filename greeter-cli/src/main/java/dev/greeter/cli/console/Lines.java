package dev.greeter.cli.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.greeter.cli.error.UsageException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.jspecify.annotations.Nullable;
import org.springframework.shell.core.InputReader;

/**
 * The lines of standard input or of a file, in UTF-8 whatever the locale says. Each is decoded by
 * itself, so that one that cannot be read costs none of those around it.
 */
public final class Lines implements InputReader, Closeable {

  /** Longer than any command or name that a service takes; what has no end must not fill memory. */
  private static final int MAX_BYTES = 64 * 1024;

  private final String name;
  private final InputStream in;
  private final PrintWriter err;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private int number;
  private boolean tooLong;
  private boolean failed;

  /**
   * Creates the reader.
   *
   * @param name of the input, for error messages
   * @param in the input
   * @param err where to ask for a line
   */
  public Lines(String name, InputStream in, PrintWriter err) {
    this.name = name;
    this.in = new BufferedInputStream(in);
    this.err = err;
  }

  /**
   * Reads a line without asking. After one that cannot be used, the next call reads the next one.
   *
   * @return the line, or null at the end of the input
   * @throws UnusableLineException if the line is too long or not UTF-8; the message tells which one
   * @throws UsageException if the input cannot be read; there is no other line then
   */
  public @Nullable String next() {
    try {
      return failed || !read() ? null : decoded();
    } catch (IOException e) {
      failed = true;
      throw new UsageException(
          "The input, %s, cannot be read: %s%nGive it a file or a pipe."
              .formatted(name, e.getMessage()));
    }
  }

  /** Returns where the last line stands, {@code name:number}. */
  public String place() {
    return name + ":" + number;
  }

  @Override
  public String readInput() throws EOFException {
    String next = next();
    if (next == null) {
      throw new EOFException();
    }
    return next;
  }

  /**
   * Reads a line.
   *
   * @param prompt what to ask, on standard error
   * @throws EOFException at the end of the input
   * @throws UsageException as {@link #next} does
   */
  @Override
  public String readInput(String prompt) throws EOFException {
    err.print(prompt);
    err.flush();
    return readInput();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /** Reads up to the end of a line, if there is one. */
  private boolean read() throws IOException {
    // What is left of a line that was too long.
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
    while (b >= 0 && b != '\n') {
      line.write(b);
      if (line.size() > MAX_BYTES) {
        tooLong = true;
        throw unusable("is longer than 64 KB", "End each line with a line feed.");
      }
      b = in.read();
    }
    return true;
  }

  private String decoded() {
    String text;
    try {
      text = UTF_8.newDecoder().decode(ByteBuffer.wrap(line.toByteArray())).toString();
    } catch (CharacterCodingException e) {
      throw unusable("is not UTF-8", "Convert the input first, for example with iconv.");
    }
    // The byte order mark that some editors begin a file with.
    int start = number == 1 && text.startsWith("\uFEFF") ? 1 : 0;
    return text.substring(start, text.length() - (text.endsWith("\r") ? 1 : 0));
  }

  private UnusableLineException unusable(String problem, String remedy) {
    return new UnusableLineException(
        "Line %d of %s %s.%n%s".formatted(number, name, problem, remedy));
  }
}
