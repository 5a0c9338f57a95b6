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

/** The options: the table from which parsing, help and completion come. */
public enum Option {
  SERVER(' ', "HOST:PORT", "the service; default localhost:50051 (GREETER_SERVER)"),
  TIMEOUT(' ', "DURATION", "how long an answer may take; default 5s (GREETER_TIMEOUT)"),
  WAIT(' ', "", "wait that long for the service to start, too"),
  METADATA('H', "NAME:VALUE", "send one more header; may be repeated"),
  VERBOSE('v', "", "show headers, trailers and times, never the secret"),
  OUTPUT(' ', "FORMAT", "text, the default, or json: one object per line"),
  TLS(' ', "", "use TLS; the next four imply it"),
  CACERT(' ', "FILE", "the CAs that sign the service's certificate"),
  CERT(' ', "FILE", "the certificate of this client"),
  KEY(' ', "FILE", "the key of that certificate"),
  AUTHORITY(' ', "NAME", "the name that the service's certificate must have"),
  PLAINTEXT(' ', "", "send the secret without TLS: only on a network that you trust"),
  SECRET_FILE(' ', "FILE", "the file or pipe with the secret; - is standard input"),
  HELP('h', "", "show this help, or the help of a command"),
  VERSION('V', "", "show the version"),
  KEEP_GOING(' ', "", "go on after any failure"),
  CONCURRENCY(' ', "N", "calls at a time: 1 to 64, the default"),
  WATCH(' ', "", "print a line now, and one for each change");

  /** Those that hold from the start of the program on: a line of the shell cannot change them. */
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

  /** Returns its name, without dashes. */
  public String longName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns its letter, or a blank. */
  public char letter() {
    return letter;
  }

  /** Returns what stands for its value in the help; empty if it takes none. */
  public String value() {
    return value;
  }

  /** Returns whether its value is the path of a file. */
  public boolean namesFile() {
    return value.equals("FILE");
  }

  /** Returns what it is for. */
  public String text() {
    return text;
  }

  /** Returns its name as it is typed. */
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

  /** Returns the lines of the help for some options. */
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

  /**
   * Returns the word that was meant, if there is one: a typing error changes one or two letters.
   */
  public static Optional<String> nearest(String word, Stream<String> words) {
    return words
        .filter(candidate -> Levenshtein.distance(word, candidate) <= 2)
        .min(Comparator.comparingInt(candidate -> Levenshtein.distance(word, candidate)));
  }
}
