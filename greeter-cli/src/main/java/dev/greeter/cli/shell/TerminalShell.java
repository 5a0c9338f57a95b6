package dev.greeter.cli.shell;

import io.grpc.Context;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal.Signal;

/** The interactive shell: runs what is typed until the user leaves. */
final class TerminalShell {

  private static final String PROMPT = "greeter> ";

  private final CommandRunner commands;
  private final LineReader reader;
  private final Session session;
  private volatile Context.CancellableContext running = Context.current().withCancellation();

  TerminalShell(CommandRunner commands, LineReader reader) {
    this.commands = commands;
    this.reader = reader;
    var output = reader.getTerminal().writer();
    this.session = new Session(new TerminalInputReader(reader), output, output);
  }

  /** Runs commands until {@code exit} or Ctrl-D; Ctrl-C drops the line, or cancels the call. */
  void run() {
    // A name may end in an exclamation mark; JLine would look it up in the history.
    reader.option(LineReader.Option.DISABLE_EVENT_EXPANSION, true);
    HistoryFile.attach(reader, System.getenv());
    reader.getTerminal().handle(Signal.INT, signal -> running.cancel(null));
    while (true) {
      try {
        String line = reader.readLine(PROMPT);
        if (GreeterShell.LEAVE.contains(line.strip())) {
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

  /** Calls take part in the context in which they start: they are cancelled with it. */
  private void runCancellably(String line) {
    running = Context.current().withCancellation();
    try {
      running.run(() -> commands.run(line, session));
    } finally {
      running.cancel(null);
      reader.getTerminal().flush();
    }
  }
}
