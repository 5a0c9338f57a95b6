package dev.greeter.cli.shell;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.springframework.shell.core.command.AbstractCommand;
import org.springframework.shell.core.command.Command;
import org.springframework.shell.core.command.CommandArgument;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.CommandRegistry;
import org.springframework.shell.core.command.ExitStatus;
import org.springframework.stereotype.Component;

/**
 * The command {@code help}. Spring Shell 4.0.1 has one that lists in no fixed order, and prints a
 * table of options in place of a command's own help.
 */
@Component
final class HelpCommand extends AbstractCommand {

  private static final String HELP =
      """
      help [COMMAND]
      Lists the commands, or tells what a command takes, with examples.

      Examples:
        help
        help greet\
      """;

  HelpCommand() {
    super("help", "List the commands, or tell about one", "Shell", HELP, false);
  }

  @Override
  public ExitStatus doExecute(CommandContext context) {
    List<CommandArgument> topics = context.parsedInput().arguments();
    CommandRegistry commands = context.commandRegistry();
    println(topics.isEmpty() ? list(commands) : about(topics.get(0).value(), commands), context);
    return ExitStatus.OK;
  }

  private static String about(String name, CommandRegistry commands) {
    Command command = WordsParser.find(name, commands);
    return command.getHelp() == null || command.getHelp().isEmpty()
        ? name + "\n" + command.getDescription()
        : command.getHelp();
  }

  private static String list(CommandRegistry commands) {
    Map<String, List<Command>> groups =
        commands.getCommands().stream()
            .sorted(Comparator.comparing(Command::getName))
            .collect(Collectors.groupingBy(Command::getGroup, TreeMap::new, Collectors.toList()));
    return groups.entrySet().stream()
            .map(group -> group.getKey() + "\n" + lines(group.getValue()))
            .collect(Collectors.joining("\n"))
        + "\nhelp COMMAND tells what a command takes, with examples.";
  }

  private static String lines(List<Command> commands) {
    return commands.stream()
        .map(command -> "  %-8s  %s%n".formatted(command.getName(), command.getDescription()))
        .collect(Collectors.joining());
  }
}
