package dev.greeter.cli.option;

import static java.util.stream.Collectors.joining;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jline.utils.Levenshtein;
import org.jspecify.annotations.Nullable;

/** The options, shared by parsing, help and completion. */
public enum Option {
  SERVER(' ', "HOST:PORT", "the service; default localhost:50051 (GREETER_SERVER)"),
  TIMEOUT(' ', "DURATION", "how long to wait for an answer; default 5s (GREETER_TIMEOUT)"),
  WAIT(' ', "", "also wait that long for the service to start"),
  METADATA('H', "NAME:VALUE", "send one more header; may be repeated"),
  VERBOSE('v', "", "show headers, trailers and times, never the secret"),
  OUTPUT(' ', "FORMAT", "text (the default), or json: one object per line"),
  TLS(' ', "", "use TLS; the next four imply it"),
  CACERT(' ', "FILE", "the CAs that sign the service's certificate"),
  CERT(' ', "FILE", "this client's certificate"),
  KEY(' ', "FILE", "the private key of that certificate"),
  AUTHORITY(' ', "NAME", "the name expected in the service's certificate"),
  PLAINTEXT(' ', "", "send the secret without TLS; use only on trusted networks"),
  SECRET_FILE(' ', "FILE", "the file or pipe with the secret; - is standard input"),
  HELP('h', "", "show this help, or a command's help"),
  VERSION('V', "", "show the version"),
  KEEP_GOING(' ', "", "continue after any failure"),
  CONCURRENCY(' ', "N", "concurrent calls, 1 to 64; default 64"),
  WATCH(' ', "", "print a line now and at each change");

  /** Options read at startup only: a line of the shell cannot change them. */
  static final List<Option> AT_START =
      List.of(TLS, CACERT, CERT, KEY, AUTHORITY, PLAINTEXT, SECRET_FILE);

  private static final List<Option> OF_COMMANDS = List.of(KEEP_GOING, CONCURRENCY, WATCH);

  private final char letter;
  private final String value;
  private final String text;

  Option(char letter, String value, String text) {
    this.letter = letter;
    this.value = value;
    this.text = text;
  }

  /** Returns the options that every command accepts. */
  public static List<Option> shared() {
    return Stream.of(values()).filter(option -> !OF_COMMANDS.contains(option)).toList();
  }

  /** Returns the options that every command accepts in a shell. */
  public static List<Option> inShell() {
    return shared().stream().filter(option -> !AT_START.contains(option)).toList();
  }

  /** Returns the name without dashes. */
  public String longName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns the short name, or a blank if there is none. */
  public char letter() {
    return letter;
  }

  /** Returns the placeholder of its value in the help; empty for a flag. */
  public String value() {
    return value;
  }

  /** Returns whether its value is a file path. */
  public boolean namesFile() {
    return value.equals("FILE");
  }

  /** Returns the help text. */
  public String text() {
    return text;
  }

  /** Returns the name with dashes. */
  @Override
  public String toString() {
    return "--" + longName();
  }

  static @Nullable Option find(String word) {
    return Stream.of(values())
        .filter(option -> word.equals("" + option) || word.equals("-" + option.letter))
        .findFirst()
        .orElse(null);
  }

  /** Returns the help lines of the options. */
  public static String help(Collection<Option> options) {
    return options.stream()
        .map(
            option ->
                "  %s--%-20s %s%n"
                    .formatted(
                        option.letter == ' ' ? "    " : "-" + option.letter + ", ",
                        (option.longName() + " " + option.value).strip(),
                        option.text))
        .collect(joining());
  }

  /** Returns the nearest word with at most two changed letters, as after a typing error. */
  public static Optional<String> nearest(String word, Stream<String> words) {
    return words
        .filter(candidate -> Levenshtein.distance(word, candidate) <= 2)
        .min(Comparator.comparingInt(candidate -> Levenshtein.distance(word, candidate)));
  }
}
