package dev.greeter.cli.console;

import static java.util.stream.Collectors.joining;

import java.util.regex.Pattern;

/**
 * Makes what comes from the network safe to print: a terminal shows it, and executes none of it.
 */
public final class Printable {

  /**
   * Unicode's categories of control and format characters, and of line and paragraph separators.
   */
  private static final Pattern UNSAFE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

  private Printable() {}

  /**
   * Replaces control characters, line separators, and what changes the writing direction or shows
   * nothing.
   *
   * @param text what a service has sent
   * @return one line, in which such characters stand as {@code \\uXXXX}, or as two of these
   */
  public static String of(String text) {
    return UNSAFE
        .matcher(text)
        .replaceAll(
            unsafe -> unsafe.group().chars().mapToObj("\\\\u%04x"::formatted).collect(joining()));
  }
}
