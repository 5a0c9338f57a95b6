package dev.greeter.cli.shell;

import java.io.EOFException;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.springframework.shell.core.InputReader;

/** Reads what a command asks for from the terminal, with line editing. */
final class TerminalInputReader implements InputReader {

  private final LineReader terminal;

  TerminalInputReader(LineReader terminal) {
    this.terminal = terminal;
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
    // The history is for commands.
    terminal.setVariable(LineReader.DISABLE_HISTORY, true);
    try {
      return terminal.readLine(prompt);
    } catch (EndOfFileException e) {
      throw new EOFException();
    } finally {
      terminal.setVariable(LineReader.DISABLE_HISTORY, false);
    }
  }
}
