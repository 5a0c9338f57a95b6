package dev.greeter.cli.shell;

import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.Session;
import dev.greeter.cli.error.ExitCode;
import dev.greeter.cli.error.UsageException;
import java.util.List;
import java.util.Map;
import org.jline.reader.UserInterruptException;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.CommandExecutionException;
import org.springframework.shell.core.command.CommandExecutor;
import org.springframework.shell.core.command.CommandOption;
import org.springframework.shell.core.command.CommandRegistry;
import org.springframework.shell.core.command.ParsedInput;

/** Runs one command and says how it ended, in the same words wherever it came from. */
final class CommandRunner {

  private final CommandRegistry commands;
  private final Session session;
  private final WordsParser parser;
  private final CommandExecutor executor;

  CommandRunner(CommandRegistry commands, Session session) {
    this.commands = commands;
    this.session = session;
    this.parser = new WordsParser(commands);
    this.executor = new CommandExecutor(commands);
  }

  /**
   * Runs the command on a line; a blank line is none, nor is a comment, which begins with a hash.
   *
   * @return the exit code of {@link ExitCode}
   */
  int run(String line) {
    try {
      List<String> words = line.strip().startsWith("#") ? List.of() : Words.of(line);
      return words.isEmpty() ? ExitCode.OK : run(words);
    } catch (UsageException e) {
      return Output.of(null, session).failure(e, Map.of());
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
      ParsedInput input = parser.parse(words);
      output = Output.of(format(input), session);
      exitCode =
          executor
              .execute(new CommandContext(input, commands, session.out(), session.input()))
              .code();
    } catch (RuntimeException e) {
      Throwable reason = reason(e);
      exitCode =
          reason instanceof UserInterruptException ? ExitCode.OK : output.failure(reason, Map.of());
    }
    if (!output.works()) {
      session.err().println("The output cannot be written.\nCheck the disk, or what reads it.");
      return ExitCode.FAULT;
    }
    return exitCode;
  }

  private static String format(ParsedInput input) {
    return input.options().stream()
        .filter(option -> "output".equals(option.longName()))
        .map(CommandOption::value)
        .findFirst()
        .orElse("text");
  }

  /** What the command threw, without Spring Shell's wrapper. */
  private static Throwable reason(Throwable thrown) {
    Throwable cause = thrown.getCause();
    return thrown instanceof CommandExecutionException && cause != null ? cause : thrown;
  }
}
