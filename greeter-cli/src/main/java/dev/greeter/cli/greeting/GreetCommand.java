package dev.greeter.cli.greeting;

import dev.greeter.cli.error.UsageException;
import java.io.EOFException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.annotation.Arguments;
import org.springframework.shell.core.command.annotation.Command;
import org.springframework.shell.core.command.annotation.Option;
import org.springframework.stereotype.Component;

/** The command {@code greet}. */
@Component
class GreetCommand {

  private static final String HELP =
      """
      greet [NAME] [--name NAME] [--server HOST:PORT] [--timeout DURATION]
      Prints the service's greeting. Asks for the name if there is none.

        -n, --name NAME         whom to greet; quote a name with blanks: "Ada Lovelace"
            --server HOST:PORT  which service to call, in place of GREETER_SERVER
            --timeout DURATION  how long to wait, such as 5s or 500ms\
      """;

  private final GreeterClient client;
  private final GreeterProperties defaults;

  GreetCommand(GreeterClient client, GreeterProperties defaults) {
    this.client = client;
    this.defaults = defaults;
  }

  /**
   * Greets one person.
   *
   * @return the greeting
   * @throws Exception if the name cannot be read
   */
  @Command(name = "greet", group = "Greetings", description = "Greet someone", help = HELP)
  String greet(
      @Option(longName = "name", shortName = 'n', description = "whom to greet")
          @Nullable String name,
      @Arguments List<String> names,
      @Option(longName = "server", description = "host:port of the service")
          @Nullable String server,
      @Option(longName = "timeout", description = "how long to wait, such as 5s")
          @Nullable String timeout,
      CommandContext context)
      throws Exception {
    Target target = Target.of(server, timeout, defaults);
    return client.greet(name(name, names, context), target);
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
