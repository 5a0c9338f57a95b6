package dev.greeter.cli.shell;

import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.Session;
import dev.greeter.cli.error.ExitCode;
import dev.greeter.cli.error.UsageException;
import io.grpc.Context;
import java.util.List;
import java.util.Map;
import org.jline.reader.UserInterruptException;
import org.springframework.shell.core.InputReader;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.CommandExecutionException;
import org.springframework.shell.core.command.CommandExecutor;
import org.springframework.shell.core.command.CommandRegistry;

/** Runs one command and says how it ended, in the same words wherever it came from. */
final class CommandRunner {

  private final CommandRegistry commands;
  private final Session session;
  private final InputReader input;
  private final WordsParser parser;
  private final CommandExecutor executor;

  CommandRunner(CommandRegistry commands, Session session) {
    this(commands, session, session.input());
  }

  private CommandRunner(CommandRegistry commands, Session session, InputReader input) {
    this.commands = commands;
    this.session = session;
    this.input = input;
    this.parser = new WordsParser(commands);
    this.executor = new CommandExecutor(commands);
  }

  /** Returns one whose commands get no input, which is where the commands come from. */
  CommandRunner withoutInput() {
    return new CommandRunner(commands, session, new NoInput());
  }

  /**
   * Runs the command on a line; a blank line is none, nor is a comment, which begins with a hash.
   *
   * @param line the command
   * @param place where it stands, {@code file:number}; empty if it was typed
   * @return the exit code of {@link ExitCode}
   */
  int run(String line, String place) {
    session.enter(place);
    try {
      List<String> words = line.strip().startsWith("#") ? List.of() : Words.of(line);
      return words.isEmpty() ? ExitCode.OK : run(words);
    } catch (UsageException e) {
      return refuse(e);
    } finally {
      session.enter("");
    }
  }

  /**
   * Runs a command.
   *
   * @param words the command's name, options and arguments; at least one
   * @return the exit code of {@link ExitCode}
   */
  int run(List<String> words) {
    Output output = Output.of(null, session);
    int exitCode;
    try {
      // Before the others are read, so that what is wrong with them is told in its form.
      output = Output.of(Output.formatIn(words), session);
      exitCode =
          executor
              .execute(new CommandContext(parser.parse(words), commands, session.out(), input))
              .code();
    } catch (RuntimeException e) {
      Throwable reason = reason(e);
      exitCode =
          reason instanceof UserInterruptException ? ExitCode.OK : output.failure(reason, Map.of());
    }
    if (!output.works()) {
      output.lost();
      return ExitCode.FAULT;
    }
    return exitCode;
  }

  /** Says what is wrong with a line that holds no command, and returns the exit code. */
  int refuse(UsageException e) {
    return Output.of(null, session).failure(e, Map.of());
  }

  /** Tells whether another command makes sense: somebody reads, and the user has not cancelled. */
  boolean canGoOn() {
    return !Context.current().isCancelled() && Output.of(null, session).works();
  }

  /** What the command threw, without Spring Shell's wrapper. */
  private static Throwable reason(Throwable thrown) {
    Throwable cause = thrown.getCause();
    return thrown instanceof CommandExecutionException && cause != null ? cause : thrown;
  }

  private static final class NoInput implements InputReader {
    @Override
    public String readInput() {
      throw new UsageException(
          "The commands are piped in, which leaves no input to them.\n"
              + "Give the command its names, or put the commands into a file: script FILE");
    }

    @Override
    public String readInput(String prompt) {
      return readInput();
    }
  }
}
