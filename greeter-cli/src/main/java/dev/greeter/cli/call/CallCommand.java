package dev.greeter.cli.call;

import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.Session;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.shell.core.command.AbstractCommand;
import org.springframework.shell.core.command.CommandArgument;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.CommandOption;

/**
 * A command that calls the service, with the options that all of them have. It is a bean and no
 * annotated method because Spring Shell 4.0.1 scans the class path for those at every start, and
 * sets up Bean Validation for their parameters.
 */
public abstract class CallCommand extends AbstractCommand {

  private static final String COMMON_HELP =
      """

            --server HOST:PORT     which service to call, in place of GREETER_SERVER
            --timeout DURATION     how long to wait for an answer, such as 5s or 500ms
            --wait                 wait that long for the service, too, if it is not there yet
            --metadata NAME:VALUE  one more header, for experiments; may be repeated
            --output text|json     json: an object a line, errors too
      """;

  private final Targets targets;
  private final Session session;

  /**
   * Declares the command.
   *
   * @param name the word that runs it
   * @param description what it is for, in a few words
   * @param help what it takes, line by line, and examples
   * @param targets finds the service that the options name
   * @param session what to print to
   * @param own the options that other commands do not have
   */
  protected CallCommand(
      String name,
      String description,
      Help help,
      Targets targets,
      Session session,
      CommandOption... own) {
    super(name, description, "Greetings", help.usage() + COMMON_HELP + help.examples(), false);
    this.targets = targets;
    this.session = session;
    List<CommandOption> options = new ArrayList<>(List.of(own));
    options.add(option("server", ' ', "host:port of the service", String.class));
    options.add(option("timeout", ' ', "how long to wait, such as 5s or 500ms", String.class));
    options.add(option("wait", ' ', "wait for the service to be there", Boolean.class));
    options.add(option("metadata", ' ', "one more header, name:value", List.class));
    options.add(option("output", ' ', "text or json", String.class));
    setOptions(options);
  }

  /**
   * Declares an option.
   *
   * @param longName its name, after two dashes
   * @param shortName its letter, after one dash; a blank for none
   * @param description what it is for, in a few words
   * @param type {@code String}; {@code List} if it may be repeated, {@code Boolean} if it takes no
   *     value
   * @return the option, which need not be given
   */
  public static CommandOption option(
      String longName, char shortName, String description, Class<?> type) {
    return CommandOption.with()
        .longName(longName)
        .shortName(shortName)
        .description(description)
        .required(false)
        .type(type)
        .build();
  }

  /**
   * Returns which service the user has chosen, and how to call it.
   *
   * @throws dev.greeter.cli.error.UsageException if an option cannot be read
   */
  protected Target target(CommandContext context) {
    List<String> headers =
        context.parsedInput().options().stream()
            .filter(option -> "metadata".equals(option.longName()))
            .map(option -> String.valueOf(option.value()))
            .toList();
    Target target = targets.of(value("server", context), value("timeout", context), headers);
    return context.getOptionByLongName("wait") == null ? target : target.waiting();
  }

  /**
   * Returns what takes the results, in the form that the user has chosen.
   *
   * @throws dev.greeter.cli.error.UsageException if there is no such form
   */
  protected Output output(CommandContext context) {
    return Output.of(value("output", context), session);
  }

  /** Returns the value of an option, or null if it was not given. */
  protected static @Nullable String value(String option, CommandContext context) {
    CommandOption given = context.getOptionByLongName(option);
    return given == null ? null : given.value();
  }

  /** Returns the words that are no options. */
  protected static List<String> arguments(CommandContext context) {
    return context.parsedInput().arguments().stream().map(CommandArgument::value).toList();
  }
}
