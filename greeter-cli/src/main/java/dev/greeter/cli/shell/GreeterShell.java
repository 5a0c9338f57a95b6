package dev.greeter.cli.shell;

import dev.greeter.cli.command.ExitCommand.LeaveException;
import dev.greeter.cli.command.GreeterCommand;
import dev.greeter.cli.console.ExitCode;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.UsageException;
import dev.greeter.cli.console.Utf8LineReader;
import dev.greeter.cli.console.Utf8LineReader.InvalidLineException;
import dev.greeter.cli.option.CommandLine;
import dev.greeter.cli.option.LineSplitter;
import dev.greeter.cli.option.Option;
import dev.greeter.cli.shell.ShellConfiguration.Start;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import java.util.Map;
import org.jline.reader.UserInterruptException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.ExitCodeGenerator;
import org.springframework.shell.core.InputReader;
import org.springframework.shell.core.command.CommandArgument;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.CommandOption;
import org.springframework.shell.core.command.CommandRegistry;
import org.springframework.shell.core.command.ParsedInput;
import org.springframework.stereotype.Component;

/**
 * Runs the command in the arguments. Without one, it runs the interactive shell on a terminal, or
 * otherwise each line of standard input. (Spring Shell 4.0.1 does not choose automatically.)
 * Failures are reported in the same words for all sources.
 */
@Component
final class GreeterShell implements ApplicationRunner, ExitCodeGenerator {

  private static final PrintWriter NOWHERE = new PrintWriter(Writer.nullWriter());

  private final Start start;
  private final CommandRegistry commands;
  private final Output output;
  private final Utf8LineReader standardInput;
  private final ObjectProvider<TerminalShell> terminal;
  private int exitCode = ExitCode.OK;

  GreeterShell(
      Start start,
      CommandRegistry commands,
      Output output,
      Utf8LineReader standardInput,
      ObjectProvider<TerminalShell> terminal) {
    this.start = start;
    this.commands = commands;
    this.output = output;
    this.standardInput = standardInput;
    this.terminal = terminal;
  }

  @Override
  public void run(ApplicationArguments arguments) {
    CommandLine line = start.line();
    try {
      switch (start.source()) {
        case ARGUMENTS -> exitCode = run(line, "");
        case PIPE -> runLines(line.has(Option.KEEP_GOING));
        case TERMINAL -> terminal.getObject().run(line, typed -> run(typed, ""));
      }
    } catch (LeaveException e) {
      exitCode = e.code() < 0 ? exitCode : e.code();
    } finally {
      output.atInterrupt(null);
    }
  }

  /** Returns the exit code; leaving an interactive shell is not a failure. */
  @Override
  public int getExitCode() {
    return exitCode;
  }

  /** Runs lines until the first failure, on which later lines may depend, or runs all. */
  private void runLines(boolean keepGoing) {
    int code = ExitCode.OK;
    while ((code == ExitCode.OK || keepGoing) && output.isWritable()) {
      output.begin(start.line().json(), "");
      try {
        String line = standardInput.read("");
        if (line == null) {
          return;
        }
        code = run(line, "line " + standardInput.number());
      } catch (InvalidLineException e) {
        code = output.failure(e, Map.of());
      } catch (UsageException e) {
        exitCode = output.failure(e, Map.of());
        return;
      }
      exitCode = code == ExitCode.OK ? exitCode : code;
    }
  }

  /** Runs the command on a line. Ignores blank lines and lines that start with a hash. */
  private int run(String line, String place) {
    output.begin(start.line().json(), place);
    try {
      List<String> words = line.strip().startsWith("#") ? List.of() : LineSplitter.split(line);
      return words.isEmpty()
          ? ExitCode.OK
          : run(CommandLine.parse(words).within(start.line()), place);
    } catch (UsageException e) {
      return output.failure(e, Map.of());
    }
  }

  /** Runs a command and returns its exit code. */
  private int run(CommandLine line, String place) {
    output.begin(line.json(), place);
    int code;
    try {
      code = execute(line);
    } catch (LeaveException e) {
      throw e;
    } catch (UserInterruptException e) {
      code = ExitCode.OK;
    } catch (Exception e) {
      code = output.failure(e, Map.of());
    }
    if (!output.isWritable()) {
      output.reportWriteFailure();
      return ExitCode.FAULT;
    }
    return code;
  }

  private int execute(CommandLine line) throws Exception {
    if (line.problem() != null) {
      throw new UsageException(line.problem());
    }
    String name = line.command();
    if (name == null) {
      throw new UsageException("There is no command. Run 'help' for a list.");
    }
    GreeterCommand command = GreeterCommand.find(name, commands);
    var input = ParsedInput.builder().commandName(name);
    line.options()
        .forEach(
            (option, values) -> {
              if (!Option.shared().contains(option) && !command.own().contains(option)) {
                throw new UsageException(
                    "%s has no option %s. Run '%s --help'.".formatted(name, option, name));
              }
              values.forEach(value -> input.addOption(declared(option, value)));
            });
    for (int i = 0; i < line.arguments().size(); i++) {
      input.addArgument(new CommandArgument(i, line.arguments().get(i)));
    }
    // execute() would handle --help itself and print to the writer.
    return command
        .doExecute(new CommandContext(input.build(), commands, NOWHERE, new InputReader() {}))
        .code();
  }

  private static CommandOption declared(Option option, String value) {
    return CommandOption.with().longName(option.longName()).value(value).build();
  }
}
