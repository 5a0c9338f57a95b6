package dev.greeter.cli.greeting;

import dev.greeter.cli.error.UsageException;
import java.io.EOFException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.ExitStatus;
import org.springframework.stereotype.Component;

/** The command {@code greet}: prints the greeting of one person. */
@Component
final class GreetCommand extends CallCommand {

  private static final String HELP =
      """
      greet [NAME] [--name NAME] [--server HOST:PORT] [--timeout DURATION]
      Prints the service's greeting. Asks for the name if there is none.

        -n, --name NAME         whom to greet; quote a name with blanks: "Ada Lovelace"
            --server HOST:PORT  which service to call, in place of GREETER_SERVER
            --timeout DURATION  how long to wait, such as 5s or 500ms\
      """;

  private final GreeterClient client;

  GreetCommand(GreeterClient client, GreeterProperties defaults) {
    super("greet", "Greet someone", HELP, defaults, option("name", 'n', "whom to greet"));
    this.client = client;
  }

  @Override
  public ExitStatus doExecute(CommandContext context) throws Exception {
    Target target = target(context);
    String name = name(value("name", context), arguments(context), context);
    println(client.greet(name, target), context);
    return ExitStatus.OK;
  }

  private static String name(
      @Nullable String option, List<String> arguments, CommandContext context) throws Exception {
    if (arguments.size() + (option == null ? 0 : 1) > 1) {
      throw new UsageException(
          "greet takes one name.\nQuote a name that has blanks: greet \"Ada Lovelace\"");
    }
    if (option != null) {
      return option;
    }
    if (!arguments.isEmpty()) {
      return arguments.get(0);
    }
    try {
      return context.inputReader().readInput("What is your name? ");
    } catch (EOFException e) {
      throw new UsageException("There is nobody to greet.\nGive a name: greet --name Ada");
    }
  }
}
