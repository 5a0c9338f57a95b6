package dev.greeter.cli.console;

import dev.greeter.cli.error.UsageException;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import org.jspecify.annotations.Nullable;
import org.springframework.shell.core.InputReader;

/** Reads what a command asks for from standard input or a file, a line at a time. */
public final class LineInputReader implements InputReader {

  private final BufferedReader lines;
  private final PrintWriter err;

  /**
   * Creates the reader.
   *
   * @param lines the input; one that reports what is not UTF-8
   * @param err where to ask
   */
  public LineInputReader(BufferedReader lines, PrintWriter err) {
    this.lines = lines;
    this.err = err;
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
    err.print(prompt);
    err.flush();
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
  public @Nullable String readLine() throws IOException {
    try {
      return lines.readLine();
    } catch (CharacterCodingException e) {
      throw new UsageException(
          "The input is not UTF-8.\nConvert it first, for example with iconv.");
    }
  }
}
