package dev.greeter.cli.shell;

import dev.greeter.cli.console.Lines;
import dev.greeter.cli.error.ExitCode;
import dev.greeter.cli.error.UsageException;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.ExitCodeGenerator;

/**
 * Runs the command in the arguments; without arguments the interactive shell on a terminal, and
 * else the lines of standard input, with {@code --keep-going} all of them. Spring Shell 4.0.1 does
 * not choose by itself.
 */
final class GreeterShell implements ApplicationRunner, ExitCodeGenerator {

  private static final List<String> KEEP_GOING = List.of("--keep-going");

  private final CommandRunner commands;
  private final Lines standardInput;
  private final ObjectProvider<TerminalShell> terminal;
  private final boolean interactive;
  private int exitCode = ExitCode.OK;

  /**
   * Creates the shell.
   *
   * @param commands runs each command
   * @param standardInput where the lines come from if there are no arguments
   * @param terminal makes the interactive shell, if it comes to that
   * @param interactive whether it does
   */
  GreeterShell(
      CommandRunner commands,
      Lines standardInput,
      ObjectProvider<TerminalShell> terminal,
      boolean interactive) {
    this.commands = commands;
    this.standardInput = standardInput;
    this.terminal = terminal;
    this.interactive = interactive;
  }

  @Override
  public void run(ApplicationArguments arguments) {
    List<String> words = List.of(arguments.getSourceArgs());
    try {
      if (interactive) {
        terminal.getObject().run();
      } else if (words.isEmpty() || words.equals(KEEP_GOING)) {
        exitCode = Script.run(standardInput, commands.withoutInput(), !words.isEmpty());
      } else {
        exitCode = runArguments(words);
      }
    } catch (UsageException e) {
      exitCode = commands.refuse(e);
    }
  }

  /**
   * Returns how the last run ended, as {@link ExitCode} has it; leaving a terminal is no failure.
   */
  @Override
  public int getExitCode() {
    return exitCode;
  }

  private int runArguments(List<String> words) {
    // What the launcher makes of a byte that the locale's encoding does not have.
    if (words.stream().anyMatch(word -> word.indexOf('\uFFFD') >= 0)) {
      throw new UsageException(
          "An argument has characters that the locale's encoding (%s) does not have.%n"
                  .formatted(System.getProperty("sun.jnu.encoding"))
              + "Run the program with LC_ALL=C.UTF-8, or pipe the command in.");
    }
    return commands.run(words);
  }
}
