package dev.greeter.cli.option;

import dev.greeter.cli.console.UsageException;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits a line into words, much like a POSIX shell: blanks separate words, single and double
 * quotes preserve them, and a backslash, outside single quotes, escapes the next character.
 *
 * <p>Unlike in a shell, a quote opens only at the start of a word or after {@code =}, so the name
 * {@code O'Brien} needs no quoting. (Spring Shell 4.0.1 supports only double quotes.)
 */
public final class LineSplitter {

  private static final char NONE = 0;

  private final List<String> words = new ArrayList<>();
  private final StringBuilder word = new StringBuilder();
  private boolean inWord;
  private char quote = NONE;

  private LineSplitter() {}

  /**
   * Splits a line.
   *
   * @return the words; empty for a blank line
   * @throws UsageException if a quote is not closed or the line ends in a backslash
   */
  public static List<String> split(String line) {
    return new LineSplitter().read(line);
  }

  private List<String> read(String line) {
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\\' && quote != '\'') {
        i++;
        if (i == line.length()) {
          throw new UsageException("The line ends in a backslash. Write \\\\ for a backslash.");
        }
        append(line.charAt(i));
      } else if (quote != NONE) {
        if (c == quote) {
          quote = NONE;
        } else {
          append(c);
        }
      } else if (Character.isWhitespace(c)) {
        endWord();
      } else if ((c == '"' || c == '\'') && opensQuote()) {
        quote = c;
        inWord = true;
      } else {
        append(c);
      }
    }
    if (quote != NONE) {
      throw new UsageException(
          "The quote %s is not closed. Close it, or write \\%s for the character."
              .formatted(quote, quote));
    }
    endWord();
    return words;
  }

  private boolean opensQuote() {
    return !inWord || (word.length() > 0 && word.charAt(word.length() - 1) == '=');
  }

  private void append(char c) {
    word.append(c);
    inWord = true;
  }

  private void endWord() {
    if (inWord) {
      words.add(word.toString());
      word.setLength(0);
      inWord = false;
    }
  }
}
