package dev.greeter.cli.shell;

import dev.greeter.cli.console.Lines;
import dev.greeter.cli.error.ExitCode;
import dev.greeter.cli.error.UsageException;
import java.util.Set;

/** Runs commands line by line: those of a file, or those that are piped in. */
final class Script {

  /** The words with which the user leaves the shell, in a script as at a terminal. */
  static final Set<String> LEAVE = Set.of("exit", "quit");

  private Script() {}

  /**
   * Runs lines until they end or leave, the results cannot be written, or the user cancels them.
   *
   * @param keepGoing whether to go on after a line that fails; else it is the last one, since what
   *     follows may need what it did
   * @return the exit code of the last line that failed
   */
  static int run(Lines lines, CommandRunner commands, boolean keepGoing) {
    int exitCode = ExitCode.OK;
    boolean goesOn = true;
    while (goesOn) {
      int code;
      try {
        String line = lines.next();
        if (line == null || LEAVE.contains(line.strip())) {
          return exitCode;
        }
        code = commands.run(line, lines.place());
      } catch (UsageException e) {
        code = commands.refuse(e);
      }
      exitCode = code == ExitCode.OK ? exitCode : code;
      goesOn = (code == ExitCode.OK || keepGoing) && commands.canGoOn();
    }
    return exitCode;
  }
}
