package dev.greeter.cli.shell;

import dev.greeter.cli.console.LineInputReader;
import dev.greeter.cli.error.ExitCode;
import java.io.IOException;
import java.util.Set;

/** Runs commands line by line: those of a file, or those that are piped in. */
final class Script {

  /** The words with which the user leaves the shell, in a script as at a terminal. */
  static final Set<String> LEAVE = Set.of("exit", "quit");

  private Script() {}

  /**
   * Runs lines until they end or leave.
   *
   * @param keepGoing whether to go on after a line that fails; else it is the last one, since what
   *     follows may need what it did
   * @return the exit code of the last line that failed
   * @throws IOException if the lines cannot be read
   * @throws dev.greeter.cli.error.UsageException if they are not UTF-8
   */
  static int run(LineInputReader lines, CommandRunner commands, boolean keepGoing)
      throws IOException {
    int exitCode = ExitCode.OK;
    String line = lines.readLine();
    while (line != null && !LEAVE.contains(line.strip())) {
      int code = commands.run(line);
      exitCode = code == ExitCode.OK ? exitCode : code;
      line = exitCode == ExitCode.OK || keepGoing ? lines.readLine() : null;
    }
    return exitCode;
  }
}
