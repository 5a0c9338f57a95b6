package dev.greeter.cli.shell;

import dev.greeter.cli.error.ExitCode;
import dev.greeter.cli.error.UsageException;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.jline.reader.LineReader;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.ExitCodeGenerator;

/**
 * Runs the command in the arguments; without arguments the interactive shell on a terminal, and
 * else the lines of standard input. Spring Shell 4.0.1 does not choose by itself.
 */
final class GreeterShell implements ApplicationRunner, ExitCodeGenerator {

  /** The words with which the user leaves the shell, in a script as at a terminal. */
  static final Set<String> LEAVE = Set.of("exit", "quit");

  private final CommandRunner commands;
  private final StandardStreams streams;
  private final ObjectProvider<LineReader> terminal;
  private final boolean atTerminal;
  private int exitCode = ExitCode.OK;

  /**
   * Creates the shell.
   *
   * @param commands runs each command
   * @param streams input and output of all but the interactive shell
   * @param terminal opens the terminal, if it comes to that
   * @param atTerminal whether the program reads from and writes to a terminal
   */
  GreeterShell(
      CommandRunner commands,
      StandardStreams streams,
      ObjectProvider<LineReader> terminal,
      boolean atTerminal) {
    this.commands = commands;
    this.streams = streams;
    this.terminal = terminal;
    this.atTerminal = atTerminal;
  }

  @Override
  public void run(ApplicationArguments arguments) throws IOException {
    List<String> words = List.of(arguments.getSourceArgs());
    try {
      if (!words.isEmpty()) {
        exitCode = runArguments(words);
      } else if (atTerminal) {
        new TerminalShell(commands, terminal.getObject()).run();
      } else {
        exitCode = runLines();
      }
    } catch (UsageException e) {
      streams.err().println(e.getMessage());
      exitCode = ExitCode.USAGE;
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
    return commands.run(words, session(new LineInputReader(streams)));
  }

  /** Stops at the first line that fails: what follows may need what it did. */
  private int runLines() throws IOException {
    var input = new LineInputReader(streams);
    int code = ExitCode.OK;
    String line = input.readLine();
    while (line != null && !LEAVE.contains(line.strip())) {
      code = commands.run(line, session(input));
      line = code == ExitCode.OK ? input.readLine() : null;
    }
    return code;
  }

  private Session session(LineInputReader input) {
    return new Session(input, streams.out(), streams.err());
  }
}
