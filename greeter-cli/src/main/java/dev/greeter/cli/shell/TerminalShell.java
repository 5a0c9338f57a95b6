package dev.greeter.cli.shell;

import io.grpc.Context;
import java.util.function.Supplier;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal.Signal;
import org.jline.utils.AttributedString;

/** The interactive shell: runs what is typed until the user leaves. */
final class TerminalShell {

  private final CommandRunner commands;
  private final LineReader reader;
  private final Supplier<AttributedString> prompt;
  private final boolean colours;
  private volatile Context.CancellableContext running = Context.current().withCancellation();

  /**
   * Creates the shell.
   *
   * @param commands runs each command
   * @param reader reads from the terminal
   * @param prompt what to show before each command
   * @param colours whether the user wants to see them
   */
  TerminalShell(
      CommandRunner commands,
      LineReader reader,
      Supplier<AttributedString> prompt,
      boolean colours) {
    this.commands = commands;
    this.reader = reader;
    this.prompt = prompt;
    this.colours = colours;
  }

  /** Runs commands until {@code exit} or Ctrl-D; Ctrl-C drops the line, or cancels the call. */
  void run() {
    // A name may end in an exclamation mark; JLine would look it up in the history.
    reader.option(LineReader.Option.DISABLE_EVENT_EXPANSION, true);
    reader.option(LineReader.Option.DISABLE_HIGHLIGHTER, !colours);
    // Two commands that are pasted are two lines, and so are two names.
    reader.option(LineReader.Option.BRACKETED_PASTE, false);
    HistoryFile.attach(reader, System.getenv());
    reader.getTerminal().handle(Signal.INT, signal -> running.cancel(null));
    while (true) {
      try {
        String line = reader.readLine(prompt());
        if (Script.LEAVE.contains(line.strip())) {
          return;
        }
        runCancellably(line);
      } catch (UserInterruptException e) {
        // Ctrl-C drops the line that was begun, as in every shell.
      } catch (EndOfFileException e) {
        return;
      }
    }
  }

  private String prompt() {
    AttributedString text = prompt.get();
    return colours ? text.toAnsi(reader.getTerminal()) : text.toString();
  }

  /** Calls take part in the context in which they start: they are cancelled with it. */
  private void runCancellably(String line) {
    running = Context.current().withCancellation();
    try {
      running.run(() -> commands.run(line, ""));
    } finally {
      running.cancel(null);
      reader.getTerminal().flush();
    }
  }
}
