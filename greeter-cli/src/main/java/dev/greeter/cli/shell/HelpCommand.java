package dev.greeter.cli.shell;

import dev.greeter.cli.command.GreeterCommand;
import dev.greeter.cli.command.Manual;
import dev.greeter.cli.command.ProgramOptions;
import dev.greeter.cli.console.Session;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.springframework.shell.core.command.Command;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.CommandRegistry;
import org.springframework.shell.core.command.ExitStatus;
import org.springframework.stereotype.Component;

/**
 * The command {@code help}. Spring Shell 4.0.1 has one that lists in no fixed order, and prints a
 * table of options in place of a command's own help.
 */
@Component
final class HelpCommand extends GreeterCommand {

  private static final Manual MANUAL =
      new Manual(
          "help",
          "Shell",
          "List the commands, or tell about one",
          """
          help [COMMAND]
          Lists the commands, or tells what a command takes, with examples.
          """,
          """
            help
            help greet\
          """);

  HelpCommand(Session session) {
    super(MANUAL, session, List.of());
  }

  @Override
  public ExitStatus doExecute(CommandContext context) {
    List<String> topics = arguments(context);
    CommandRegistry commands = context.commandRegistry();
    String text = topics.isEmpty() ? list(commands) : about(topics.get(0), commands);
    output(context).result(text, Map.of("help", text));
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
        sorted(commands).stream()
            .collect(Collectors.groupingBy(Command::getGroup, TreeMap::new, Collectors.toList()));
    return groups.entrySet().stream()
            .map(group -> group.getKey() + "\n" + lines(group.getValue()))
            .collect(Collectors.joining("\n"))
        + "\nOptions of the program\n"
        + ProgramOptions.help()
        + "\nhelp COMMAND tells what a command takes, with examples.";
  }

  /** Returns the commands in the order of their names. */
  static List<Command> sorted(CommandRegistry commands) {
    return commands.getCommands().stream().sorted(Comparator.comparing(Command::getName)).toList();
  }

  private static String lines(List<Command> commands) {
    return commands.stream()
        .map(command -> "  %-10s  %s%n".formatted(command.getName(), command.getDescription()))
        .collect(Collectors.joining());
  }
}
