package dev.greeter.cli.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.error.UsageException;
import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.springframework.shell.core.command.AbstractCommand;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.CommandOption;
import org.springframework.shell.core.command.CommandRegistry;
import org.springframework.shell.core.command.ExitStatus;
import org.springframework.shell.core.command.ParsedInput;

/** Of whatever line is typed. */
class WordsFuzzTest {

  private static final CommandRegistry COMMANDS = new CommandRegistry(Set.of(new Greet()));

  private final WordsParser parser = new WordsParser(COMMANDS);

  @Property
  void aLineIsWordsOrRefused(Input input) {
    String line = input.rest("greet", "'", "\"", "\\", "=", " ", "O'Brien");

    List<String> words;
    try {
      words = Words.of(line);
    } catch (UsageException e) {
      assertThat(line).containsAnyOf("'", "\"", "\\");
      return;
    }
    assertThat(String.join("", words).length()).isLessThanOrEqualTo(line.length());
    assertThat(words.isEmpty()).isEqualTo(line.chars().allMatch(Character::isWhitespace));
    assertThat(Words.of(quoted(words, "\""))).isEqualTo(words);
  }

  @Property
  void wordsThatAreQuotedAreRead(Input input) {
    List<String> words = new ArrayList<>();
    while (input.hasMore()) {
      words.add(input.text("'", "\"", "\\", "=", " "));
    }

    assertThat(Words.of(quoted(words, "\""))).isEqualTo(words);
    words.replaceAll(word -> word.replace("'", ""));
    assertThat(Words.of(quoted(words, "'"))).isEqualTo(words);
  }

  @Property
  void wordsAreACommandOrRefused(Input input) {
    List<String> words = new ArrayList<>();
    words.add(input.pick("greet", "great", "--help", "-h", "--version", ""));
    while (input.hasMore()) {
      words.add(input.text("--", "-", "n", "name", "watch", "=", "Ada"));
    }

    ParsedInput command;
    try {
      command = parser.parse(words);
    } catch (UsageException e) {
      return;
    }
    assertThat(command.commandName()).isIn("greet", "help");
    assertThat(command.options()).extracting(CommandOption::value).doesNotContainNull();
    assertThat(command.arguments())
        .allSatisfy(argument -> assertThat(words).contains(argument.value()));
  }

  private static String quoted(List<String> words, String quote) {
    return words.stream()
        .map(word -> quote.equals("'") ? word : word.replaceAll("[\\\\\"]", "\\\\$0"))
        .map(word -> quote + word + quote)
        .reduce("", (line, word) -> line + " " + word);
  }

  private static final class Greet extends AbstractCommand {

    Greet() {
      super("greet", "", "", "", false);
      setOptions(
          List.of(
              CommandOption.with().longName("name").shortName('n').type(List.class).build(),
              CommandOption.with().longName("watch").shortName(' ').type(Boolean.class).build(),
              CommandOption.with().longName("server").shortName(' ').type(String.class).build()));
    }

    @Override
    public ExitStatus doExecute(CommandContext context) {
      return ExitStatus.OK;
    }
  }
}
