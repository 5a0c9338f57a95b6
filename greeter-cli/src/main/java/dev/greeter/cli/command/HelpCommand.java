package dev.greeter.cli.command;

import dev.greeter.cli.console.ExitCode;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.option.Option;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.shell.core.command.Command;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.CommandRegistry;
import org.springframework.stereotype.Component;

/**
 * The command {@code help}. Spring Shell 4.0.1's own lists commands in no fixed order, and prints a
 * table of options instead of a command's own help.
 */
@Component
final class HelpCommand extends GreeterCommand {

  private static final String PROGRAM =
      """
      Usage: greeter [OPTION...] [COMMAND [ARGUMENT...]]

      Calls a greeter service with the shared secret in the variable GREETER_AUTH_VALUE. Without a
      command, it starts a shell, or runs each line of a pipe.

      Commands:
      %s
      Options of every command:
      %s
      Run 'help COMMAND' for the arguments and options of a command.
      """;

  private final Output output;

  HelpCommand(Output output) {
    super(
        "help",
        "List the commands and options, or show a command's help",
        "[COMMAND]",
        1,
        "Lists the commands and options, or shows a command's help.\n");
    this.output = output;
  }

  @Override
  public List<String> words(List<String> commands) {
    return commands;
  }

  @Override
  protected int run(List<String> arguments, CommandContext context) {
    CommandRegistry commands = context.commandRegistry();
    String text =
        arguments.isEmpty()
            ? PROGRAM.formatted(list(commands), Option.help(Option.shared()))
            : find(arguments.get(0), commands).getHelp();
    output.result(text.stripTrailing(), Map.of("help", text));
    return ExitCode.OK;
  }

  private static String list(CommandRegistry commands) {
    return commands.getCommands().stream()
        .sorted(Comparator.comparing(Command::getName))
        .map(command -> "  %-10s  %s%n".formatted(command.getName(), command.getDescription()))
        .collect(Collectors.joining());
  }
}
