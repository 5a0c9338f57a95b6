package dev.greeter.cli.greeting;

import com.google.common.collect.ImmutableMap;
import dev.greeter.cli.call.CallCommand;
import dev.greeter.cli.call.Target;
import dev.greeter.cli.call.Targets;
import dev.greeter.cli.command.Manual;
import dev.greeter.cli.command.Option;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.Printable;
import dev.greeter.cli.console.Session;
import dev.greeter.cli.console.UnusableLineException;
import dev.greeter.cli.error.UsageException;
import java.io.EOFException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.shell.core.InputReader;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.ExitStatus;
import org.springframework.stereotype.Component;

/** The command {@code greet}: prints the greeting of one person, or of many. */
@Component
final class GreetCommand extends CallCommand {

  private static final Manual MANUAL =
      new Manual(
          "greet",
          "Greetings",
          "Greet one person, or many",
          """
          greet [NAME...] [OPTION...]
          Prints the service's greeting of each person, in the order of the names. Asks for the name
          if there is none, and reads names line by line from standard input for the name '-'. It goes
          on after a failure, unless all others would fail, too: a refused secret, or no service.
          """,
          """
            greet Ada                           Hello Ada!
            greet "Ada Lovelace" O'Brien        quote a name that has blanks
            greet -                             reads the names from standard input
            greet Ada --output json             {"name":"Ada","greeting":"Hello Ada!"}
            greet Ada --server localhost:50052 --timeout 500ms\
          """);

  private static final String INPUT = "-";

  private final GreeterClient client;

  GreetCommand(GreeterClient client, Targets targets, Session session) {
    super(
        MANUAL,
        targets,
        session,
        new Option("name", 'n', "NAME", "whom to greet", false),
        Option.flag("keep-going", "go on after any failure"),
        Option.flag("fail-fast", "stop at the first failure"),
        Option.of("concurrency", "N", "calls at a time: 1 to 64, the default"));
    this.client = client;
  }

  @Override
  public ExitStatus doExecute(CommandContext context) throws Exception {
    Target target = target(context);
    Output output = output(context);
    AfterFailure afterFailure = afterFailure(context);
    int concurrency = concurrency(value("concurrency", context));
    List<String> arguments = arguments(context);
    List<String> names = names(value("name", context), arguments, context.inputReader());
    boolean fromInput = arguments.contains(INPUT);
    if (names.size() == 1 && !fromInput) {
      print(names.get(0), client.greet(names.get(0), target), output);
      return ExitStatus.OK;
    }
    try (var many = new ManyGreetings(client, target, output, afterFailure, concurrency)) {
      if (fromInput) {
        greetEveryLine(context.inputReader(), many);
      } else {
        many.expect(names.size());
        for (int i = 0; i < names.size() && many.greet(names.get(i)); i++) {
          // The next name.
        }
      }
      return new ExitStatus(many.finish(), "as the last failure");
    }
  }

  static void print(String name, String greeting, Output output) {
    output.result(Printable.of(greeting), ImmutableMap.of("name", name, "greeting", greeting));
  }

  private static void greetEveryLine(InputReader input, ManyGreetings many) throws Exception {
    boolean goesOn = true;
    while (goesOn) {
      try {
        goesOn = many.greet(input.readInput());
      } catch (UnusableLineException e) {
        goesOn = many.refuse(e);
      } catch (EOFException e) {
        many.expectNoMore();
        goesOn = false;
      }
    }
  }

  private static AfterFailure afterFailure(CommandContext context) {
    boolean keepGoing = has("keep-going", context);
    if (keepGoing && has("fail-fast", context)) {
      throw new UsageException("--keep-going and --fail-fast are both given.\nGive one of them.");
    }
    if (keepGoing) {
      return AfterFailure.KEEP_GOING;
    }
    return has("fail-fast", context) ? AfterFailure.STOP : AfterFailure.STOP_IF_IN_VAIN;
  }

  private static int concurrency(@Nullable String given) {
    if (given == null) {
      return ManyGreetings.MOST_AT_A_TIME;
    }
    if (given.matches("[1-9]|[1-5][0-9]|6[0-4]")) {
      return Integer.parseInt(given);
    }
    throw new UsageException("--concurrency is '%s'.%nGive it 1 to 64.".formatted(given));
  }

  private static List<String> names(
      @Nullable String option, List<String> arguments, InputReader input) throws Exception {
    if (option != null && !arguments.isEmpty()) {
      throw new UsageException(
          "greet has names with --name and without.\nGive all of them without: greet Ada Grace");
    }
    if (arguments.size() > 1 && arguments.contains(INPUT)) {
      throw new UsageException(
          "greet has names beside '-', which reads them from standard input.\n"
              + "Give '-' alone, or --name=- for somebody of that name.");
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
