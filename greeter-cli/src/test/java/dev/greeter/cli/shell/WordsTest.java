package dev.greeter.cli.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.cli.error.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a line falls into words. */
class WordsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '%',
      value = {
        "greet Ada; greet|Ada",
        "%  greet \t Ada  %; greet|Ada",
        "greet \"Ada Lovelace\"; greet|Ada Lovelace",
        "greet 'Ada Lovelace'; greet|Ada Lovelace",
        "greet --name=\"Ada Lovelace\"; greet|--name=Ada Lovelace",
        "greet --name='Ada \"x\" Lovelace'; greet|--name=Ada \"x\" Lovelace",
        "greet O'Brien; greet|O'Brien",
        "greet 5\" disk; greet|5\"|disk",
        "greet \"say \\\"hi\\\"\"; greet|say \"hi\"",
        "greet Ada\\ Lovelace; greet|Ada Lovelace",
        "greet 'C:\\new'; greet|C:\\new",
        "greet \\\\; greet|\\",
        "greet Zoë 👋; greet|Zoë|👋",
      })
  void splitsAtBlanksOutsideOfQuotes(String line, String words) {
    assertThat(String.join("|", Words.of(line))).isEqualTo(words);
  }

  @Test
  void keepsAnEmptyWordInQuotes() {
    assertThat(Words.of("greet \"\" ''")).containsExactly("greet", "", "");
  }

  @Test
  void hasNoWordsInABlankLine() {
    assertThat(Words.of(" \t ")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"greet \"Ada", "greet 'Ada", "greet --name=\"Ada", "greet \"Ada\\\""})
  void refusesAQuoteThatIsNotClosed(String line) {
    assertThatThrownBy(() -> Words.of(line))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("not closed");
  }

  @Test
  void refusesABackslashAtTheEnd() {
    assertThatThrownBy(() -> Words.of("greet Ada\\"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("backslash");
  }
}
