package dev.greeter.cli.shell;

import dev.greeter.cli.error.CallException;
import dev.greeter.cli.error.ExitCode;
import dev.greeter.cli.error.UsageException;
import java.io.PrintWriter;
import java.util.List;
import org.jline.reader.UserInterruptException;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.CommandExecutionException;
import org.springframework.shell.core.command.CommandExecutor;
import org.springframework.shell.core.command.CommandRegistry;

/** Runs one command and says how it ended, in the same words wherever it came from. */
final class CommandRunner {

  private final CommandRegistry commands;
  private final WordsParser parser;
  private final CommandExecutor executor;

  CommandRunner(CommandRegistry commands) {
    this.commands = commands;
    this.parser = new WordsParser(commands);
    this.executor = new CommandExecutor(commands);
  }

  /**
   * Runs the command on a line; a blank line is none.
   *
   * @return the exit code of {@link ExitCode}
   */
  int run(String line, Session session) {
    try {
      List<String> words = Words.of(line);
      return words.isEmpty() ? ExitCode.OK : run(words, session);
    } catch (UsageException e) {
      return report(e, session.err());
    }
  }

  /**
   * Runs a command.
   *
   * @param words the command's name, options and arguments; at least one
   * @return the exit code of {@link ExitCode}
   */
  int run(List<String> words, Session session) {
    int exitCode = ExitCode.OK;
    try {
      executor.execute(
          new CommandContext(parser.parse(words), commands, session.out(), session.input()));
    } catch (RuntimeException e) {
      exitCode = report(reason(e), session.err());
    }
    if (session.out().checkError()) {
      session.err().println("The output cannot be written.\nCheck the disk, or what reads it.");
      return ExitCode.FAULT;
    }
    return exitCode;
  }

  private static int report(Throwable reason, PrintWriter err) {
    if (reason instanceof CallException e) {
      err.println(e.getMessage());
      return ExitCode.of(e.status());
    }
    if (reason instanceof UsageException) {
      err.println(reason.getMessage());
      return ExitCode.USAGE;
    }
    if (reason instanceof UserInterruptException) {
      return ExitCode.OK;
    }
    err.println("This is a fault of the program; please report it with what follows.");
    reason.printStackTrace(err);
    return ExitCode.FAULT;
  }

  /** What the command threw, without Spring Shell's wrapper. */
  private static Throwable reason(Throwable thrown) {
    Throwable cause = thrown.getCause();
    return thrown instanceof CommandExecutionException && cause != null ? cause : thrown;
  }
}
