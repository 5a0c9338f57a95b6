package dev.greeter.cli.command;

import dev.greeter.cli.console.UsageException;
import java.util.List;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.stereotype.Component;

/** The command {@code exit}: leaves the shell. */
@Component
public final class ExitCommand extends GreeterCommand {

  ExitCommand() {
    super(
        "exit",
        "Leave the shell, like Ctrl-D",
        "[CODE]",
        1,
        "Exits with a code from 0 to 255. The default is 0, or the code of a pipe's last"
            + " failure.\n");
    setAliases(List.of("quit"));
  }

  /** Signals that the program must end. */
  public static final class LeaveException extends RuntimeException {

    private final int code;

    private LeaveException(int code) {
      this.code = code;
    }

    /** Returns the exit code; -1 if none was given. */
    public int code() {
      return code;
    }
  }

  @Override
  protected int run(List<String> arguments, CommandContext context) {
    String code = arguments.isEmpty() ? "-1" : arguments.get(0);
    if (!code.matches("-1|1?[0-9]{1,2}|2[0-4][0-9]|25[0-5]")) {
      throw new UsageException("Invalid exit code '%s': use 0 to 255.".formatted(code));
    }
    throw new LeaveException(Integer.parseInt(code));
  }
}
