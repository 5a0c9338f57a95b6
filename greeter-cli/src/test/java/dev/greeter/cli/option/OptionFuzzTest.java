package dev.greeter.cli.option;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.console.UsageException;
import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Splitting lines into words, and parsing words as a command with options and arguments. */
class OptionFuzzTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '%',
      value = {
        "%  greet \t Ada  %; greet|Ada",
        "% \t %; %%",
        "greet \"Ada Lovelace\" 'Ada Lovelace' Ada\\ Lovelace; greet|Ada Lovelace|Ada Lovelace|Ada"
            + " Lovelace",
        "--metadata=\"a: b\" -H='a: \"x\" b'; --metadata=a: b|-H=a: \"x\" b",
        "greet O'Brien 5\" disk; greet|O'Brien|5\"|disk",
        "greet \"say \\\"hi\\\"\" 'C:\\new' \\\\; greet|say \"hi\"|C:\\new|\\",
        "greet Zoë \"\" ''; greet|Zoë||",
      })
  void splitsQuotedAndEscapedWords(String line, String words) {
    assertThat(String.join("|", LineSplitter.split(line))).isEqualTo(words);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--server a:1 --timeout=3s -v --output json -H x:1 --metadata y:2 greet Ada - -- --tls -- -v",
        "greet Ada - -v -H=x:1 --server=a:1 --timeout 3s --output=json -H y:2 -- --tls -- -v",
        "--output json greet --server a:1 Ada -v --timeout 3s -H x:1 - --metadata=y:2 -- --tls -- -v",
      })
  void acceptsOptionsAnywhere(String line) {
    CommandLine read = CommandLine.parse(List.of(line.split(" ")));

    assertThat(read.problem()).isNull();
    assertThat(read.command()).isEqualTo("greet");
    assertThat(read.arguments()).containsExactly("Ada", "-", "--tls", "--", "-v");
    assertThat(read.options())
        .isEqualTo(
            Map.of(
                Option.SERVER, List.of("a:1"),
                Option.TIMEOUT, List.of("3s"),
                Option.VERBOSE, List.of(""),
                Option.OUTPUT, List.of("json"),
                Option.METADATA, List.of("x:1", "y:2")));
    assertThat(read.json()).isTrue();
  }

  @Property
  void splitsOrRejectsArbitraryLines(Input input) {
    String line = input.rest("greet", "'", "\"", "\\", "=", " ", "O'Brien");

    List<String> words;
    try {
      words = LineSplitter.split(line);
    } catch (UsageException e) {
      assertThat(line).containsAnyOf("'", "\"", "\\");
      return;
    }
    assertThat(String.join("", words).length()).isLessThanOrEqualTo(line.length());
    assertThat(words.isEmpty()).isEqualTo(line.chars().allMatch(Character::isWhitespace));
    assertThat(LineSplitter.split(quoted(words, "\""))).isEqualTo(words);
    words.replaceAll(word -> word.replace("'", ""));
    assertThat(LineSplitter.split(quoted(words, "'"))).isEqualTo(words);
  }

  @Property
  void parsesOrRejectsArbitraryWords(Input input) {
    List<String> words = new ArrayList<>();
    while (input.hasMore()) {
      String option = "" + input.pick(Option.values());
      words.add(
          switch (input.below(4)) {
            case 0 -> option;
            case 1 -> option + "=" + input.text("/", "-", "=", "..");
            case 2 -> input.pick("-", "--", "-v", "-H", "greet", "json");
            default -> input.text("--", "-", "=", "/");
          });
    }

    CommandLine line = CommandLine.parse(words);
    assertThat(words).containsAll(line.arguments());
    if (line.command() != null && !line.has(Option.HELP) && !line.has(Option.VERSION)) {
      assertThat(words).contains(line.command());
    }
    try {
      assertThat(StartOptions.properties(line)).doesNotContainValue(null);
    } catch (UsageException e) {
      assertThat(e).message().endsWith(".");
    }
  }

  private static String quoted(List<String> words, String quote) {
    return words.stream()
        .map(word -> quote.equals("'") ? word : word.replaceAll("[\\\\\"]", "\\\\$0"))
        .map(word -> quote + word + quote)
        .reduce("", (line, word) -> line + " " + word);
  }
}
