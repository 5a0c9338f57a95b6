package dev.greeter.cli.console;

/**
 * Makes what comes from the network safe to print: a terminal shows it, and executes none of it.
 */
public final class Printable {

  private Printable() {}

  /**
   * Replaces control characters, line separators and changes of the writing direction.
   *
   * @param text what a service has sent
   * @return one line, in which such characters stand as {@code \\uXXXX}
   */
  public static String of(String text) {
    StringBuilder line = new StringBuilder(text.length());
    text.chars()
        .forEach(
            c -> {
              if (isUnsafe((char) c)) {
                line.append("\\u%04x".formatted(c));
              } else {
                line.append((char) c);
              }
            });
    return line.toString();
  }

  /** Surrogates pass: no character beyond the first plane is unsafe. */
  private static boolean isUnsafe(char c) {
    return Character.isISOControl(c)
        || c == '\u2028'
        || c == '\u2029'
        || (c >= '\u202a' && c <= '\u202e')
        || (c >= '\u2066' && c <= '\u2069');
  }
}
