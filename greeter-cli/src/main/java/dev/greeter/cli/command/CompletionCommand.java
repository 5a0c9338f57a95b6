package dev.greeter.cli.command;

import static java.util.stream.Collectors.joining;

import dev.greeter.cli.console.ExitCode;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.UsageException;
import dev.greeter.cli.option.Option;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.springframework.shell.core.command.Command;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.stereotype.Component;

/** The command {@code completion}: prints a shell's completion script. */
@Component
final class CompletionCommand extends GreeterCommand {

  private static final List<String> SHELLS = List.of("bash", "zsh", "fish");

  private static final String BASH =
      """
      _greeter() {
        local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words= i
        case $before in
          --output) words='text json' ;;
          %s) compopt -o filenames; COMPREPLY=($(compgen -f -- "$word")); return ;;
          %s) return ;;
          *)
            words='%s'
            for ((i = 1; i < COMP_CWORD; i++)); do
              case ${COMP_WORDS[i]} in
      %s        esac
            done
            [[ $word == -* ]] && words+=' %s' ;;
        esac
        COMPREPLY=($(compgen -W "$words" -- "$word"))
      }
      complete -F _greeter greeter
      """;

  /** Precedes the script for bash, which zsh supports once its own completion is loaded. */
  private static final String ZSH =
      """
      (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
      autoload -Uz bashcompinit && bashcompinit
      compopt() { :; }
      """;

  private final Output output;

  CompletionCommand(Output output) {
    super(
        "completion",
        "Print a completion script for bash, zsh or fish",
        "bash|zsh|fish",
        1,
        """
        Prints a script that lets a shell complete the commands and options of greeter.

        Examples:
          source <(greeter completion bash)
          source <(greeter completion zsh)
          greeter completion fish >~/.config/fish/completions/greeter.fish
        """);
    this.output = output;
  }

  @Override
  public List<String> words(List<String> commands) {
    return SHELLS;
  }

  @Override
  protected int run(List<String> arguments, CommandContext context) {
    List<GreeterCommand> commands =
        context.commandRegistry().getCommands().stream()
            .sorted(Comparator.comparing(Command::getName))
            .map(GreeterCommand.class::cast)
            .toList();
    List<String> names = commands.stream().map(Command::getName).toList();
    String script =
        switch (arguments.isEmpty() ? "" : arguments.get(0)) {
          case "bash" -> bash(commands, names);
          case "zsh" -> ZSH + bash(commands, names);
          case "fish" -> fish(commands, names);
          default -> throw new UsageException("Name a shell: bash, zsh or fish.");
        };
    output.result(script.stripTrailing(), Map.of("completion", script));
    return ExitCode.OK;
  }

  private static String bash(List<GreeterCommand> commands, List<String> names) {
    String cases =
        commands.stream()
            .map(
                command ->
                    "          %s) words='%s' ;;%n"
                        .formatted(
                            command.getName(),
                            Stream.concat(
                                    command.words(names).stream(),
                                    command.own().stream().map(Option::toString))
                                .collect(joining(" "))))
            .collect(joining());
    return BASH.formatted(
        options("|", Option::namesFile),
        options("|", o -> !o.value().isEmpty() && !o.namesFile() && o != Option.OUTPUT),
        String.join(" ", names),
        cases,
        Option.shared().stream().map(Option::toString).collect(joining(" ")));
  }

  private static String options(String separator, Predicate<Option> kind) {
    return Stream.of(Option.values())
        .filter(kind)
        .map(Option::toString)
        .collect(joining(separator));
  }

  private static String fish(List<GreeterCommand> commands, List<String> names) {
    var lines = new ArrayList<String>();
    lines.add("complete -c greeter -f");
    Option.shared().forEach(option -> lines.add(fish("true", option)));
    for (GreeterCommand command : commands) {
      lines.add(
          fish(
              "__fish_use_subcommand",
              "-a " + command.getName(),
              String.valueOf(command.getDescription())));
      String seen = "__fish_seen_subcommand_from " + command.getName();
      command.own().forEach(option -> lines.add(fish(seen, option)));
      if (!command.words(names).isEmpty()) {
        lines.add(fish(seen, "-a \"" + String.join(" ", command.words(names)) + "\"", ""));
      }
    }
    return String.join("\n", lines);
  }

  private static String fish(String condition, Option option) {
    String letter = option.letter() == ' ' ? "" : " -s " + option.letter();
    String value = option.value().isEmpty() ? "" : option.namesFile() ? " -r -F" : " -x";
    String words = option == Option.OUTPUT ? " -a \"text json\"" : "";
    return fish(condition, "-l " + option.longName() + letter + value + words, option.text());
  }

  private static String fish(String condition, String candidate, String description) {
    return "complete -c greeter -n '%s' %s -d '%s'"
        .formatted(condition, candidate, description.replace("'", "\\'"));
  }
}
