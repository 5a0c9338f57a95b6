package dev.greeter.cli.shell;

import static dev.greeter.cli.call.CallCommand.option;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.greeter.cli.console.LineInputReader;
import dev.greeter.cli.console.Session;
import dev.greeter.cli.error.UsageException;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.List;
import org.springframework.shell.core.command.AbstractCommand;
import org.springframework.shell.core.command.CommandArgument;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.ExitStatus;
import org.springframework.stereotype.Component;

/**
 * The command {@code script}: runs the commands in a file. Spring Shell 4.0.1 has one that goes on
 * after a line that fails, and ends with 0.
 */
@Component
final class ScriptCommand extends AbstractCommand {

  private static final String HELP =
      """
      script FILE [--keep-going]
      Runs the commands in a file, a line each, up to the first that fails, with whose exit code it
      ends. Lines that begin with '#' are comments.

            --keep-going  run the other lines, too; ends with the exit code of the last failure

      Examples:
        script morning.greet
        script morning.greet --keep-going\
      """;

  private final Session session;
  private boolean running;

  ScriptCommand(Session session) {
    super("script", "Run the commands in a file", "Shell", HELP, false);
    this.session = session;
    setOptions(List.of(option("keep-going", ' ', "run all lines", Boolean.class)));
  }

  @Override
  public ExitStatus doExecute(CommandContext context) throws IOException {
    List<CommandArgument> files = context.parsedInput().arguments();
    if (files.size() != 1) {
      throw new UsageException("script takes one file.\nGive its path: script FILE");
    }
    if (running) {
      throw new UsageException("A script runs no other script.\nCopy the other's lines into it.");
    }
    running = true;
    try (BufferedReader lines = open(files.get(0).value())) {
      boolean keepGoing = context.getOptionByLongName("keep-going") != null;
      return new ExitStatus(
          Script.run(
              new LineInputReader(lines, session.err()),
              new CommandRunner(context.commandRegistry(), session),
              keepGoing),
          "as the last failure");
    } finally {
      running = false;
    }
  }

  private static BufferedReader open(String file) throws IOException {
    try {
      return new BufferedReader(
          new InputStreamReader(new FileInputStream(file), UTF_8.newDecoder()));
    } catch (FileNotFoundException e) {
      throw new UsageException(
          "The script cannot be read: %s%nGive the path of a file.".formatted(e.getMessage()));
    }
  }
}
