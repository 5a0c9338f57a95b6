package dev.greeter.cli.greeting;

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
abstract class CallCommand extends AbstractCommand {

  private final GreeterProperties defaults;

  /**
   * Declares the command.
   *
   * @param help what {@code --help} prints
   * @param defaults what holds for options that are not given
   * @param own the options beside {@code --server} and {@code --timeout}
   */
  CallCommand(
      String name,
      String description,
      String help,
      GreeterProperties defaults,
      CommandOption... own) {
    super(name, description, "Greetings", help, false);
    this.defaults = defaults;
    List<CommandOption> options = new ArrayList<>(List.of(own));
    options.add(option("server", ' ', "host:port of the service"));
    options.add(option("timeout", ' ', "how long to wait, such as 5s or 500ms"));
    setOptions(options);
  }

  static CommandOption option(String longName, char shortName, String description) {
    return CommandOption.with()
        .longName(longName)
        .shortName(shortName)
        .description(description)
        .required(false)
        .type(String.class)
        .build();
  }

  /** Returns which service the user has chosen, and how long to wait. */
  Target target(CommandContext context) {
    return Target.of(value("server", context), value("timeout", context), defaults);
  }

  static @Nullable String value(String option, CommandContext context) {
    CommandOption given = context.getOptionByLongName(option);
    return given == null ? null : given.value();
  }

  static List<String> arguments(CommandContext context) {
    return context.parsedInput().arguments().stream().map(CommandArgument::value).toList();
  }
}
