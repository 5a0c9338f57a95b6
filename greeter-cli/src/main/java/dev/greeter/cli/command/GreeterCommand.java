package dev.greeter.cli.command;

import dev.greeter.cli.console.UsageException;
import dev.greeter.cli.option.Option;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.shell.core.command.AbstractCommand;
import org.springframework.shell.core.command.Command;
import org.springframework.shell.core.command.CommandArgument;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.CommandOption;
import org.springframework.shell.core.command.CommandRegistry;
import org.springframework.shell.core.command.ExitStatus;

/**
 * A command. It is a bean, not an annotated method: for those, Spring Shell 4.0.1 scans the class
 * path at every start and sets up Bean Validation.
 */
public abstract class GreeterCommand extends AbstractCommand {

  /** No limit on the number of arguments. */
  protected static final int ANY = Integer.MAX_VALUE;

  private final String usage;
  private final int maxArguments;
  private final List<Option> own;

  /**
   * Declares the command.
   *
   * @param name the word that runs it
   * @param summary its purpose, in a few words
   * @param usage its arguments, in usage syntax
   * @param maxArguments the maximum number of arguments
   * @param details a description and examples
   * @param own the options that only this command accepts
   */
  protected GreeterCommand(
      String name, String summary, String usage, int maxArguments, String details, Option... own) {
    super(name, summary, "", details, false);
    this.usage = (name + " " + usage).strip();
    this.maxArguments = maxArguments;
    this.own = List.of(own);
  }

  /**
   * Finds a command.
   *
   * @throws UsageException if there is no such command; the message suggests the nearest name
   */
  public static GreeterCommand find(String name, CommandRegistry commands) {
    if (commands.getCommandByName(name) instanceof GreeterCommand command) {
      return command;
    }
    Stream<String> names = commands.getCommands().stream().map(Command::getName);
    throw new UsageException(
        "Unknown command '%s'. %s"
            .formatted(
                name,
                Option.nearest(name, names)
                    .map("Did you mean %s?"::formatted)
                    .orElse("Run 'help' for a list.")));
  }

  /** Returns the options that only this command accepts. */
  public final List<Option> own() {
    return own;
  }

  /** Returns the possible arguments; empty if they cannot be listed. */
  public List<String> words(List<String> commands) {
    return List.of();
  }

  /** Returns the usage line, the description, the examples and the command's own options. */
  @Override
  public final String getHelp() {
    return "Usage: greeter %s [OPTION...]%n%n%s%s"
        .formatted(usage, super.getHelp(), own.isEmpty() ? "" : "\n" + Option.help(own));
  }

  @Override
  public final ExitStatus doExecute(CommandContext context) throws Exception {
    List<String> arguments =
        context.parsedInput().arguments().stream().map(CommandArgument::value).toList();
    if (arguments.size() > maxArguments) {
      throw new UsageException(
          "Unexpected argument '%s'. Usage: %s.".formatted(arguments.get(maxArguments), usage));
    }
    return new ExitStatus(run(arguments, context), "");
  }

  /**
   * Runs the command.
   *
   * @return the exit code
   */
  protected abstract int run(List<String> arguments, CommandContext context) throws Exception;

  /** Returns the value of an option, or null if it was not given. */
  protected static @Nullable String value(Option option, CommandContext context) {
    CommandOption given = context.getOptionByLongName(option.longName());
    return given == null ? null : given.value();
  }

  /** Returns whether an option was given. */
  protected static boolean has(Option option, CommandContext context) {
    return context.getOptionByLongName(option.longName()) != null;
  }
}
