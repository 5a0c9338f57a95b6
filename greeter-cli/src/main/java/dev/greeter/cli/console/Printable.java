package dev.greeter.cli.console;

import static java.util.stream.Collectors.joining;

import java.util.regex.Pattern;

/** Makes text from the network safe to print: a terminal shows it and executes nothing in it. */
public final class Printable {

  /** Unicode's control and format characters, and line and paragraph separators. */
  private static final Pattern UNSAFE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

  private Printable() {}

  /**
   * Replaces control characters, line separators, and characters that change the writing direction
   * or are invisible.
   *
   * @param text the text from a service
   * @return one line with such characters escaped as one or two {@code \\uXXXX}
   */
  public static String of(String text) {
    return UNSAFE
        .matcher(text)
        .replaceAll(
            unsafe -> unsafe.group().chars().mapToObj("\\\\u%04x"::formatted).collect(joining()));
  }
}
