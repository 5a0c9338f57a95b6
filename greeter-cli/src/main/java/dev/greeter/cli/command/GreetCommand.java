package dev.greeter.cli.command;

import com.google.common.collect.ImmutableMap;
import dev.greeter.cli.call.Target;
import dev.greeter.cli.console.Input;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.UsageException;
import dev.greeter.cli.option.Option;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.stereotype.Component;

/** The command {@code greet}: prints the greetings of one or more people. */
@Component
final class GreetCommand extends GreeterCommand {

  private static final String INPUT = "-";

  private final GreeterClient client;
  private final Input input;
  private final Output output;

  GreetCommand(GreeterClient client, Input input, Output output) {
    super(
        "greet",
        "Greet one or more people",
        "[NAME...]",
        ANY,
        """
        Prints the service's greetings, in the order of the names. Without a name, it asks for one.
        With -, it reads names from standard input, one per line. It stops early if the service
        refuses the secret, or is unavailable before the first greeting.

        Examples:
          greet Ada "Grace Hopper"     quote a name that contains spaces
          greet -                      read the names from standard input
          greet Ada --output json      {"name":"Ada","greeting":"Hello Ada!"}
        """,
        Option.KEEP_GOING,
        Option.CONCURRENCY);
    this.client = client;
    this.input = input;
    this.output = output;
  }

  @Override
  protected int run(List<String> arguments, CommandContext context) throws Exception {
    Target target = client.target(context);
    int concurrency = concurrency(value(Option.CONCURRENCY, context));
    List<String> names = arguments.isEmpty() ? List.of(ask()) : arguments;
    if (names.size() > 1 && names.contains(INPUT)) {
      throw new UsageException("'-' reads all names from standard input. Use it alone.");
    }
    if (names.size() == 1 && !arguments.contains(INPUT)) {
      print(names.get(0), client.greet(names.get(0), target), output);
      return 0;
    }
    var many =
        new ManyGreetings(client, target, output, has(Option.KEEP_GOING, context), concurrency);
    return arguments.contains(INPUT)
        ? many.run(input, -1)
        : many.run(new Arguments(names.iterator()), names.size());
  }

  static void print(String name, String greeting, Output output) {
    output.result(output.show(greeting), ImmutableMap.of("name", name, "greeting", greeting));
  }

  private record Arguments(Iterator<String> names) implements Input {

    @Override
    public @Nullable String read(String prompt) {
      return names.hasNext() ? names.next() : null;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public boolean isTerminal() {
      return false;
    }
  }

  private String ask() {
    String name = input.read("What is your name? ");
    if (name == null) {
      throw new UsageException("There is nobody to greet. Give a name: greet Ada");
    }
    return name;
  }

  private static int concurrency(@Nullable String given) {
    if (given == null) {
      return ManyGreetings.MAX_IN_FLIGHT;
    }
    if (given.matches("[1-9]|[1-5][0-9]|6[0-4]")) {
      return Integer.parseInt(given);
    }
    throw new UsageException("Invalid --concurrency '%s': use 1 to 64.".formatted(given));
  }
}
