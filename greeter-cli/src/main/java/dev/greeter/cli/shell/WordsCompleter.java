package dev.greeter.cli.shell;

import java.util.List;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.jspecify.annotations.Nullable;
import org.springframework.shell.core.command.Command;
import org.springframework.shell.core.command.CommandOption;
import org.springframework.shell.core.command.CommandRegistry;

/**
 * Completes commands and their options. Spring Shell 4.0.1 has a completer that knows no option
 * behind an argument, since it takes all words before it for the command's name.
 */
final class WordsCompleter implements Completer {

  private final CommandRegistry commands;

  WordsCompleter(CommandRegistry commands) {
    this.commands = commands;
  }

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    String first = line.words().get(0);
    Command command = commands.getCommandByName(first);
    if (line.wordIndex() == 0 || first.equals("help")) {
      commands.getCommands().stream().map(WordsCompleter::candidate).forEach(candidates::add);
    } else if (command != null && line.word().startsWith("-")) {
      command.getOptions().stream().map(WordsCompleter::candidate).forEach(candidates::add);
    }
  }

  private static Candidate candidate(Command command) {
    return candidate(command.getName(), command.getDescription());
  }

  private static Candidate candidate(CommandOption option) {
    return candidate("--" + option.longName(), option.description());
  }

  private static Candidate candidate(String value, @Nullable String description) {
    return new Candidate(value, value, null, description, null, null, true);
  }
}
