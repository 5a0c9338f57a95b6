package dev.greeter.cli.command;

import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.Session;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.shell.core.command.AbstractCommand;
import org.springframework.shell.core.command.CommandArgument;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.CommandOption;

/**
 * A command, whose help is made from its options. It is a bean and no annotated method because
 * Spring Shell 4.0.1 scans the class path for those at every start, and sets up Bean Validation for
 * their parameters.
 */
public abstract class GreeterCommand extends AbstractCommand {

  private static final Option OUTPUT =
      Option.of("output", "text|json", "json: an object a line, errors too");

  private final Session session;

  /**
   * Declares the command.
   *
   * @param manual its name and its help
   * @param session what to print to
   * @param options what it takes beside {@code --output}
   */
  protected GreeterCommand(Manual manual, Session session, List<Option> options) {
    this(session, manual, Stream.concat(options.stream(), Stream.of(OUTPUT)).toList());
  }

  private GreeterCommand(Session session, Manual manual, List<Option> options) {
    super(manual.name(), manual.summary(), manual.group(), help(manual, options), false);
    this.session = session;
    setOptions(options.stream().map(Option::declared).toList());
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

  /** Tells whether an option was given. */
  protected static boolean has(String option, CommandContext context) {
    return context.getOptionByLongName(option) != null;
  }

  /** Returns the words that are no options. */
  protected static List<String> arguments(CommandContext context) {
    return context.parsedInput().arguments().stream().map(CommandArgument::value).toList();
  }

  private static String help(Manual manual, List<Option> options) {
    return "%s%n%s%nExamples:%n%s"
        .formatted(
            manual.usage(),
            options.stream().map(Option::line).collect(Collectors.joining()),
            manual.examples());
  }
}
