package dev.greeter.cli.shell;

import dev.greeter.cli.command.GreeterCommand;
import dev.greeter.cli.command.Manual;
import dev.greeter.cli.command.Option;
import dev.greeter.cli.console.Lines;
import dev.greeter.cli.console.Session;
import dev.greeter.cli.error.UsageException;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.ExitStatus;
import org.springframework.stereotype.Component;

/**
 * The command {@code script}: runs the commands in a file. Spring Shell 4.0.1 has one that goes on
 * after a line that fails, and ends with 0.
 */
@Component
final class ScriptCommand extends GreeterCommand {

  private static final Manual MANUAL =
      new Manual(
          "script",
          "Shell",
          "Run the commands in a file",
          """
          script FILE [--keep-going]
          Runs the commands in a file, a line each, up to the first that fails, with whose exit code it
          ends. Lines that begin with '#' are comments.
          """,
          """
            script morning.greet
            script morning.greet --keep-going\
          """);

  private final Session session;
  private boolean running;

  ScriptCommand(Session session) {
    super(
        MANUAL,
        session,
        List.of(
            Option.flag(
                "keep-going", "run all lines; ends with the exit code of the last failure")));
    this.session = session;
  }

  @Override
  public ExitStatus doExecute(CommandContext context) throws IOException {
    List<String> files = arguments(context);
    if (files.size() != 1) {
      throw new UsageException("script takes one file.\nGive its path: script FILE");
    }
    if (running) {
      throw new UsageException("A script runs no other script.\nCopy the other's lines into it.");
    }
    running = true;
    try (Lines lines = open(files.get(0))) {
      var runner = new CommandRunner(context.commandRegistry(), session);
      return new ExitStatus(
          Script.run(lines, runner, has("keep-going", context)), "as the last failure");
    } finally {
      running = false;
    }
  }

  private Lines open(String file) {
    try {
      return new Lines(file, new FileInputStream(file), session.err());
    } catch (FileNotFoundException e) {
      throw new UsageException(
          "The script cannot be read: %s%nGive the path of a file.".formatted(e.getMessage()));
    }
  }
}
