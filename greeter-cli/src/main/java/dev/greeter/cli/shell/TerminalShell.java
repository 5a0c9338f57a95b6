package dev.greeter.cli.shell;

import static org.jline.utils.AttributedStyle.DEFAULT;
import static org.jline.utils.AttributedStyle.GREEN;
import static org.jline.utils.AttributedStyle.RED;

import dev.greeter.cli.call.Target;
import dev.greeter.cli.call.Targets;
import dev.greeter.cli.command.HealthCheck;
import dev.greeter.cli.console.UsageException;
import dev.greeter.cli.option.CommandLine;
import dev.greeter.cli.option.Option;
import io.grpc.Context;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Attributes;
import org.jline.terminal.Attributes.ControlChar;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.utils.AttributedStringBuilder;
import org.springframework.stereotype.Component;

/** The interactive shell: runs typed commands until the user leaves. */
@Component
class TerminalShell {

  /** The maximum delay of the prompt. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final LineReader reader;
  private final HealthCheck healthCheck;
  private final Targets targets;
  private volatile Context.CancellableContext running = Context.current().withCancellation();

  TerminalShell(LineReader reader, HealthCheck healthCheck, Targets targets) {
    this.reader = reader;
    this.healthCheck = healthCheck;
    this.targets = targets;
  }

  /** Returns whether to use colours (no-color.org): an empty variable counts as unset. */
  static boolean useColours() {
    return System.getenv().getOrDefault("NO_COLOR", "").isEmpty()
        && !Terminal.TYPE_DUMB.equals(System.getenv("TERM"));
  }

  /**
   * Runs commands until {@code exit} or Ctrl-D. Ctrl-C discards the line or cancels the call.
   *
   * @param start the options from the program's start
   * @param runner runs a line
   */
  void run(CommandLine start, Consumer<String> runner) {
    Terminal terminal = reader.getTerminal();
    // A name may end in an exclamation mark; JLine would look it up in the history.
    reader.option(LineReader.Option.DISABLE_EVENT_EXPANSION, true);
    reader.option(LineReader.Option.DISABLE_HIGHLIGHTER, !useColours());
    // Run pasted lines as separate commands or names.
    reader.option(LineReader.Option.BRACKETED_PASTE, false);
    HistoryFile.attach(reader, System.getenv());
    // Ctrl-\ would print a thread dump. Closing the terminal restores its attributes.
    Attributes attributes = terminal.getAttributes();
    attributes.setControlChar(ControlChar.VQUIT, 0);
    terminal.setAttributes(attributes);
    terminal.handle(
        Signal.INT,
        signal -> {
          running.cancel(null);
          terminal.writer().println();
        });
    terminal.writer().println("Type help for a list of commands, exit or Ctrl-D to leave.");
    while (true) {
      try {
        runCancellably(reader.readLine(prompt(start)), runner);
      } catch (UserInterruptException e) {
        // Ctrl-C discards the current line, as in every shell.
      } catch (EndOfFileException e) {
        return;
      }
    }
  }

  /** Runs a line in its own context: its calls are cancelled with the context. */
  private void runCancellably(String line, Consumer<String> runner) {
    running = Context.current().withCancellation();
    try {
      running.run(() -> runner.accept(line));
    } finally {
      running.cancel(null);
      reader.getTerminal().flush();
    }
  }

  /** Returns the prompt: the called service, and whether it is up. */
  private String prompt(CommandLine start) {
    String server = String.valueOf(start.value(Option.SERVER));
    boolean up = false;
    try {
      Target target = targets.of(start.value(Option.SERVER), null, List.of(), false);
      server = target.server().toString();
      HealthCheck.Answer answer = healthCheck.ask(target.within(PATIENCE));
      up = answer.isAnswered() && !answer.isNotServing();
    } catch (UsageException e) {
      // Every command reports this.
    }
    var prompt =
        new AttributedStringBuilder()
            .append(server + " ")
            .styled(DEFAULT.foreground(up ? GREEN : RED), up ? "up" : "down")
            .append(" greeter> ")
            .toAttributedString();
    return useColours() ? prompt.toAnsi(reader.getTerminal()) : prompt.toString();
  }
}
