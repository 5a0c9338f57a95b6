package dev.greeter.cli.shell;

import dev.greeter.cli.error.UsageException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import org.jspecify.annotations.Nullable;
import org.springframework.shell.core.InputReader;

/** Reads what a command asks for from standard input, a line at a time. */
final class LineInputReader implements InputReader {

  private final StandardStreams streams;

  LineInputReader(StandardStreams streams) {
    this.streams = streams;
  }

  /**
   * Reads a line.
   *
   * @param prompt what to ask, on standard error; empty to ask nothing
   * @return the line
   * @throws EOFException at the end of the input
   * @throws IOException if the input cannot be read
   * @throws UsageException if the input is not UTF-8
   */
  @Override
  public String readInput(String prompt) throws IOException {
    streams.err().print(prompt);
    streams.err().flush();
    String line = readLine();
    if (line == null) {
      throw new EOFException();
    }
    return line;
  }

  /**
   * Reads a line without asking.
   *
   * @return the line, or null at the end of the input
   * @throws IOException if the input cannot be read
   * @throws UsageException if the input is not UTF-8
   */
  @Nullable String readLine() throws IOException {
    try {
      return streams.in().readLine();
    } catch (CharacterCodingException e) {
      throw new UsageException(
          "The input is not UTF-8.\nConvert it first, for example with iconv.");
    }
  }
}
