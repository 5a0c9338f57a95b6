package dev.greeter.cli.console;

import java.io.EOFException;
import java.util.function.Supplier;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.springframework.shell.core.InputReader;

/** Reads what a command asks for from the terminal, with line editing. */
public final class TerminalInputReader implements InputReader {

  private final Supplier<LineReader> reader;

  /**
   * Creates the reader.
   *
   * @param reader reads with line editing; asked for only then
   */
  public TerminalInputReader(Supplier<LineReader> reader) {
    this.reader = reader;
  }

  /**
   * Reads a line of a conversation.
   *
   * @return the line
   * @throws EOFException for an empty line, and for Ctrl-D
   * @throws org.jline.reader.UserInterruptException for Ctrl-C
   */
  @Override
  public String readInput() throws EOFException {
    String line = readInput("");
    if (line.isEmpty()) {
      throw new EOFException();
    }
    return line;
  }

  /**
   * Reads a line.
   *
   * @param prompt what to ask
   * @return the line
   * @throws EOFException for Ctrl-D
   * @throws org.jline.reader.UserInterruptException for Ctrl-C
   */
  @Override
  public String readInput(String prompt) throws EOFException {
    LineReader terminal = reader.get();
    boolean plain = terminal.isSet(LineReader.Option.DISABLE_HIGHLIGHTER);
    // The history, the completion and the colours are for commands.
    terminal.setVariable(LineReader.DISABLE_HISTORY, true);
    terminal.setVariable(LineReader.DISABLE_COMPLETION, true);
    terminal.option(LineReader.Option.DISABLE_HIGHLIGHTER, true);
    try {
      return terminal.readLine(prompt);
    } catch (EndOfFileException e) {
      throw new EOFException();
    } finally {
      terminal.setVariable(LineReader.DISABLE_HISTORY, false);
      terminal.setVariable(LineReader.DISABLE_COMPLETION, false);
      terminal.option(LineReader.Option.DISABLE_HIGHLIGHTER, plain);
    }
  }
}
