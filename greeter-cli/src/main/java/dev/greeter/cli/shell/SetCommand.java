package dev.greeter.cli.shell;

import dev.greeter.cli.call.Targets;
import dev.greeter.cli.command.GreeterCommand;
import dev.greeter.cli.command.Manual;
import dev.greeter.cli.console.Session;
import dev.greeter.cli.error.UsageException;
import java.util.List;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.ExitStatus;
import org.springframework.stereotype.Component;

/** The command {@code set}: changes what holds for the commands that follow. */
@Component
final class SetCommand extends GreeterCommand {

  private static final Manual MANUAL =
      new Manual(
          "set",
          "Shell",
          "Set the service or the form of the output",
          """
          set server HOST:PORT
          set output text|json
          Sets what the commands that follow, in a shell or a script, take in place of an option.
          """,
          """
            set server localhost:50052
            set output json\
          """);

  private final Targets targets;
  private final Session session;

  SetCommand(Targets targets, Session session) {
    super(MANUAL, session, List.of());
    this.targets = targets;
    this.session = session;
  }

  @Override
  public ExitStatus doExecute(CommandContext context) {
    List<String> words = arguments(context);
    String name = words.size() == 2 ? words.get(0) : "";
    switch (name) {
      case "server" -> targets.use(words.get(1));
      case "output" -> session.use(words.get(1));
      default ->
          throw new UsageException(
              "set takes a name and a value.\nGive it: set server HOST:PORT, or set output json");
    }
    return ExitStatus.OK;
  }
}
