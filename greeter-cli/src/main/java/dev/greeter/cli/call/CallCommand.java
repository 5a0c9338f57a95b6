package dev.greeter.cli.call;

import dev.greeter.cli.command.GreeterCommand;
import dev.greeter.cli.command.Manual;
import dev.greeter.cli.command.Option;
import dev.greeter.cli.console.Session;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.shell.core.command.CommandContext;

/** A command that calls the service, with the options that all of them have. */
public abstract class CallCommand extends GreeterCommand {

  private static final List<Option> COMMON =
      List.of(
          Option.of("server", "HOST:PORT", "which service to call, in place of GREETER_SERVER"),
          Option.of("timeout", "DURATION", "how long to wait for an answer: 500ms, 5s or 1m30s"),
          Option.flag("wait", "wait that long for the service, too, if it is not there yet"),
          new Option("metadata", ' ', "NAME:VALUE", "one more header; may be repeated", true),
          new Option(
              "verbose", 'v', "", "show headers, trailers and times, never the secret", false));

  private final Targets targets;

  /**
   * Declares the command.
   *
   * @param manual its name and its help
   * @param targets finds the service that the options name
   * @param session what to print to
   * @param own the options that other commands do not have
   */
  protected CallCommand(Manual manual, Targets targets, Session session, Option... own) {
    super(manual, session, Stream.concat(Stream.of(own), COMMON.stream()).toList());
    this.targets = targets;
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
    if (has("verbose", context)) {
      target = target.through(new Trace(output(context), targets.secretHeader()));
    }
    return has("wait", context) ? target.waiting() : target;
  }
}
