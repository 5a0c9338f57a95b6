package dev.greeter.cli.shell;

import dev.greeter.cli.error.UsageException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jline.utils.Levenshtein;
import org.springframework.shell.core.command.Command;
import org.springframework.shell.core.command.CommandArgument;
import org.springframework.shell.core.command.CommandOption;
import org.springframework.shell.core.command.CommandParser;
import org.springframework.shell.core.command.CommandRegistry;
import org.springframework.shell.core.command.ParsedInput;

/**
 * Parses a command from words, as the operating system or {@link Words} hands them over. Spring
 * Shell 4.0.1 parses lines only, joins arguments to one first, and ignores options it does not
 * know.
 */
final class WordsParser implements CommandParser {

  private final CommandRegistry commands;

  WordsParser(CommandRegistry commands) {
    this.commands = commands;
  }

  @Override
  public ParsedInput parse(String line) {
    return parse(Words.of(line));
  }

  /**
   * Parses a command.
   *
   * @param words the command's name, then options ({@code --name Ada}, {@code --name=Ada}, {@code
   *     -n Ada}) and arguments in any order; after {@code --} only arguments
   * @return the command, of which every option exists and has the value that it takes, and only
   *     those that may be are repeated
   * @throws UsageException if there is no such command or option
   */
  ParsedInput parse(List<String> words) {
    String name = commandName(words.get(0));
    Command command = find(name, commands);
    ParsedInput.Builder input = ParsedInput.builder().commandName(name);
    Set<String> given = new HashSet<>();
    Iterator<String> rest = words.subList(1, words.size()).iterator();
    boolean optionsEnded = false;
    int arguments = 0;
    while (rest.hasNext()) {
      String word = rest.next();
      if (optionsEnded || !word.startsWith("-") || word.equals("-")) {
        input.addArgument(new CommandArgument(arguments++, word));
      } else if (word.equals("--")) {
        optionsEnded = true;
      } else if (word.equals("--help") || word.equals("-h")) {
        return help(name);
      } else {
        CommandOption option = option(command, word, rest);
        if (!given.add(option.longName()) && option.type() != List.class) {
          throw new UsageException(
              "The option --%s is given twice.%nGive it once.".formatted(option.longName()));
        }
        input.addOption(option);
      }
    }
    return input.build();
  }

  /** The options that every program has, as commands. */
  private static String commandName(String word) {
    return switch (word) {
      case "--help", "-h" -> "help";
      case "--version" -> "version";
      default -> word;
    };
  }

  /**
   * Finds a command.
   *
   * @throws UsageException if there is none of the name; the message names the nearest one
   */
  static Command find(String name, CommandRegistry commands) {
    Command command = commands.getCommandByName(name);
    if (command == null) {
      throw new UsageException(
          "There is no command '%s'.%n%s".formatted(name, suggestion(name, commands)));
    }
    return command;
  }

  /** A typing error is one or two characters away from what was meant. */
  private static String suggestion(String name, CommandRegistry commands) {
    return commands.getCommands().stream()
        .map(Command::getName)
        .filter(candidate -> Levenshtein.distance(name, candidate) <= 2)
        .min(Comparator.comparingInt(candidate -> Levenshtein.distance(name, candidate)))
        .map(nearest -> "Did you mean %s? Type help to see all.".formatted(nearest))
        .orElse("Type help to see those there are.");
  }

  private static ParsedInput help(String command) {
    CommandArgument topic = new CommandArgument(0, command);
    return ParsedInput.builder().commandName("help").addArgument(topic).build();
  }

  private static CommandOption option(Command command, String word, Iterator<String> rest) {
    int equals = word.indexOf('=');
    String name = equals < 0 ? word : word.substring(0, equals);
    CommandOption option =
        command.getOptions().stream()
            .filter(candidate -> candidate.isOptionEqual(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new UsageException(
                        "%s has no option %s.%nType %s --help to see those there are."
                            .formatted(command.getName(), name, command.getName())));
    String value;
    if (option.type() == Boolean.class) {
      value = equals < 0 ? "true" : noValue(name);
    } else {
      value = equals < 0 ? next(name, rest) : word.substring(equals + 1);
    }
    // The long name is null only where a command declares none; every option here has one.
    return CommandOption.with()
        .longName(Objects.requireNonNull(option.longName()))
        .shortName(option.shortName())
        .type(option.type())
        .value(value)
        .build();
  }

  private static String noValue(String option) {
    throw new UsageException(
        "The option %s takes no value.%nGive it alone: %s".formatted(option, option));
  }

  private static String next(String option, Iterator<String> rest) {
    String value = rest.hasNext() ? rest.next() : "-";
    if (value.startsWith("-")) {
      throw new UsageException(
          "The option %s has no value.%nGive it one: %s=VALUE".formatted(option, option));
    }
    return value;
  }
}
