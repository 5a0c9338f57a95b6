package dev.greeter.cli.shell;

import dev.greeter.cli.command.GreeterCommand;
import dev.greeter.cli.option.Option;
import java.util.List;
import java.util.stream.Stream;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.jspecify.annotations.Nullable;
import org.springframework.shell.core.command.Command;
import org.springframework.shell.core.command.CommandRegistry;

/**
 * Completes commands, arguments and options. Spring Shell 4.0.1's own completer finds no options
 * after an argument, since it treats all preceding words as the command's name.
 */
record OptionCompleter(CommandRegistry commands) implements Completer {

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    List<String> before = line.words().subList(0, line.wordIndex());
    if (before.isEmpty()) {
      commands.getCommands().stream()
          .map(command -> candidate(command.getName(), command.getDescription()))
          .forEach(candidates::add);
      return;
    }
    if (before.get(before.size() - 1).equals("" + Option.OUTPUT)) {
      Stream.of("text", "json").map(word -> candidate(word, null)).forEach(candidates::add);
      return;
    }
    if (commands.getCommandByName(before.get(0)) instanceof GreeterCommand command) {
      List<String> names = commands.getCommands().stream().map(Command::getName).toList();
      command.words(names).stream().map(word -> candidate(word, null)).forEach(candidates::add);
      if (line.word().startsWith("-")) {
        Stream.concat(command.own().stream(), Option.inShell().stream())
            .map(option -> candidate("" + option, option.text()))
            .forEach(candidates::add);
      }
    }
  }

  private static Candidate candidate(String value, @Nullable String description) {
    return new Candidate(value, value, null, description, null, null, true);
  }
}
