package dev.greeter.cli.shell;

import dev.greeter.cli.command.GreeterCommand;
import dev.greeter.cli.command.Manual;
import dev.greeter.cli.command.ProgramOptions;
import dev.greeter.cli.console.Session;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.shell.core.command.Command;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.ExitStatus;
import org.springframework.stereotype.Component;

/**
 * The command {@code manual}: prints a page for {@code man}, made from the help of all commands.
 */
@Component
final class ManualCommand extends GreeterCommand {

  private static final Manual MANUAL =
      new Manual(
          "manual",
          "Shell",
          "Print the man page",
          """
          manual
          Prints the page for the program man, with the help of every command.
          """,
          "  greeter manual >~/.local/share/man/man1/greeter.1");

  private static final String PAGE =
      """
      .TH GREETER 1 "" "greeter %s"
      .SH NAME
      greeter \\- call the service greeter, which asks for a shared secret
      .SH SYNOPSIS
      greeter [OPTION...] [COMMAND]
      .SH DESCRIPTION
      Without a command it is a shell; with lines on standard input it runs them.
      The environment variable GREETER_AUTH_VALUE holds the secret.
      .SH OPTIONS
      %s.SH COMMANDS
      %s.SH EXIT STATUS
      0: done. 1: the output cannot be written. 2: wrong usage or setting.
      64 + n: the call failed with the gRPC status n.\
      """;

  ManualCommand(Session session) {
    super(MANUAL, session, List.of());
  }

  @Override
  public ExitStatus doExecute(CommandContext context) {
    String commands =
        HelpCommand.sorted(context.commandRegistry()).stream()
            .map(command -> ".SS " + command.getName() + "\n" + verbatim(help(command)))
            .collect(Collectors.joining());
    String page =
        PAGE.formatted(VersionCommand.number(), verbatim(ProgramOptions.help()), commands);
    output(context).result(page, Map.of("manual", page));
    return ExitStatus.OK;
  }

  private static String help(Command command) {
    return command.getHelp() == null ? command.getDescription() : command.getHelp();
  }

  /** As it stands: troff takes a backslash, a dash, and a dot or a quote in front for its own. */
  private static String verbatim(String text) {
    String escaped =
        text.replace("\\", "\\e").replace("-", "\\-").replaceAll("(?m)^(?=[.'])", "\\\\&");
    return ".nf\n" + escaped.stripTrailing() + "\n.fi\n";
  }
}
