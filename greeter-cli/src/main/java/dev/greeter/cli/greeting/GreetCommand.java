package dev.greeter.cli.greeting;

import dev.greeter.cli.call.CallCommand;
import dev.greeter.cli.call.Help;
import dev.greeter.cli.call.Target;
import dev.greeter.cli.call.Targets;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.Printable;
import dev.greeter.cli.console.Session;
import dev.greeter.cli.error.UsageException;
import java.io.EOFException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.shell.core.InputReader;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.ExitStatus;
import org.springframework.stereotype.Component;

/** The command {@code greet}: prints the greeting of one person, or of many. */
@Component
final class GreetCommand extends CallCommand {

  private static final Help HELP =
      new Help(
          """
          greet [NAME...] [OPTION...]
          Prints the service's greeting of each person, in the order of the names. Asks for the name
          if there is none, and reads names line by line from standard input for the name '-'.

            -n, --name NAME            whom to greet
          """,
          """

          Examples:
            greet Ada                           Hello Ada!
            greet "Ada Lovelace" O'Brien        quote a name that has blanks
            greet -                             reads the names from standard input
            greet Ada --output json             {"greeting":"Hello Ada!"}
            greet Ada --server localhost:50052 --timeout 500ms\
          """);

  private static final List<String> STANDARD_INPUT = List.of("-");

  private final GreeterClient client;

  GreetCommand(GreeterClient client, Targets targets, Session session) {
    super(
        "greet",
        "Greet one person, or many",
        HELP,
        targets,
        session,
        option("name", 'n', "whom to greet", String.class));
    this.client = client;
  }

  @Override
  public ExitStatus doExecute(CommandContext context) throws Exception {
    Target target = target(context);
    Output output = output(context);
    List<String> names = names(value("name", context), arguments(context), context.inputReader());
    if (names.size() == 1 && !arguments(context).equals(STANDARD_INPUT)) {
      print(client.greet(names.get(0), target), output);
      return ExitStatus.OK;
    }
    try (var many = new ManyGreetings(client, target, output)) {
      if (names.equals(STANDARD_INPUT)) {
        greetEveryLine(context.inputReader(), many);
      } else {
        many.expect(names.size());
        for (String name : names) {
          many.greet(name);
        }
      }
      return new ExitStatus(many.finish(), "as the last failure");
    }
  }

  static void print(String greeting, Output output) {
    output.result(Printable.of(greeting), Map.of("greeting", greeting));
  }

  private static void greetEveryLine(InputReader input, ManyGreetings many) throws Exception {
    try {
      while (many.greet(input.readInput())) {
        // The next line.
      }
    } catch (EOFException e) {
      // All names are known.
    }
  }

  private static List<String> names(
      @Nullable String option, List<String> arguments, InputReader input) throws Exception {
    if (option != null && !arguments.isEmpty()) {
      throw new UsageException(
          "greet has names with --name and without.\nGive all of them without: greet Ada Grace");
    }
    if (!arguments.isEmpty()) {
      return arguments;
    }
    return List.of(option == null ? ask(input) : option);
  }

  private static String ask(InputReader input) throws Exception {
    try {
      return input.readInput("What is your name? ");
    } catch (EOFException e) {
      throw new UsageException("There is nobody to greet.\nGive a name: greet --name Ada");
    }
  }
}
