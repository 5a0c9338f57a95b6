package dev.greeter.cli.shell;

import static java.util.stream.Collectors.joining;

import dev.greeter.cli.command.GreeterCommand;
import dev.greeter.cli.command.Manual;
import dev.greeter.cli.command.ProgramOptions;
import dev.greeter.cli.console.Session;
import dev.greeter.cli.error.UsageException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.shell.core.command.Command;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.CommandOption;
import org.springframework.shell.core.command.ExitStatus;
import org.springframework.stereotype.Component;

/** The command {@code completion}: prints what makes a shell complete commands and options. */
@Component
final class CompletionCommand extends GreeterCommand {

  private static final Manual MANUAL =
      new Manual(
          "completion",
          "Shell",
          "Print the completion for bash, zsh or fish",
          """
          completion bash|zsh|fish
          Prints what makes a shell complete the commands and options of the program greeter.
          """,
          """
            source <(greeter completion bash)
            source <(greeter completion zsh)
            greeter completion fish >~/.config/fish/completions/greeter.fish\
          """);

  private static final String BASH =
      """
      _greeter() {
        local word=${COMP_WORDS[COMP_CWORD]} words
        case " ${COMP_WORDS[*]:1:$((COMP_CWORD - 1))} " in
      %s    *) words='%s' ;;
        esac
        COMPREPLY=($(compgen -W "$words" -- "$word"))
      }
      complete -o default -F _greeter greeter\
      """;

  private static final String ZSH_WITH_BASH = "autoload -U +X bashcompinit && bashcompinit\n";

  CompletionCommand(Session session) {
    super(MANUAL, session, List.of());
  }

  @Override
  public ExitStatus doExecute(CommandContext context) {
    List<String> shells = arguments(context);
    List<Command> commands = HelpCommand.sorted(context.commandRegistry());
    String script =
        switch (shells.size() == 1 ? shells.get(0) : "") {
          case "bash" -> bash(commands);
          case "zsh" -> ZSH_WITH_BASH + bash(commands);
          case "fish" -> fish(commands);
          default ->
              throw new UsageException(
                  "completion takes the name of a shell.\nGive it bash, zsh or fish.");
        };
    output(context).result(script, Map.of("completion", script));
    return ExitStatus.OK;
  }

  private static String bash(List<Command> commands) {
    String cases =
        commands.stream()
            .map(c -> "    *' %s '*) words='%s' ;;%n".formatted(c.getName(), options(c)))
            .collect(joining());
    String names = commands.stream().map(Command::getName).collect(joining(" "));
    return BASH.formatted(cases, names + " " + ofProgram());
  }

  private static String options(Command command) {
    return command.getOptions().stream()
            .map(option -> "--" + option.longName())
            .collect(joining(" "))
        + " "
        + ofProgram();
  }

  private static String ofProgram() {
    return ProgramOptions.ALL.stream().map(option -> "--" + option.name()).collect(joining(" "));
  }

  private static String fish(List<Command> commands) {
    Stream<String> names =
        commands.stream()
            .map(c -> line("__fish_use_subcommand", "-f -a " + c.getName(), c.getDescription()));
    Stream<String> options =
        commands.stream()
            .flatMap(
                command ->
                    command.getOptions().stream()
                        .map(
                            option ->
                                line(
                                    "__fish_seen_subcommand_from " + command.getName(),
                                    option(option),
                                    option.description())));
    Stream<String> program =
        ProgramOptions.ALL.stream()
            .map(o -> line("true", "-l " + o.name() + (o.isFlag() ? "" : " -r"), o.text()));
    return Stream.of(names, options, program).flatMap(lines -> lines).collect(joining("\n"));
  }

  private static String option(CommandOption option) {
    String letter = option.shortName() == ' ' ? "" : " -s " + option.shortName();
    return "-l " + option.longName() + letter + (option.type() == Boolean.class ? "" : " -r");
  }

  private static String line(String condition, String candidate, @Nullable String description) {
    return "complete -c greeter -n '%s' %s -d '%s'"
        .formatted(condition, candidate, String.valueOf(description).replace("'", "\\'"));
  }
}
