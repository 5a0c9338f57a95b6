package dev.greeter.cli.console;

/** What the user typed cannot be run; the message states why, and what to type instead. */
public class UsageException extends RuntimeException {

  /**
   * Creates the exception.
   *
   * @param message the fact, then one thing to do
   */
  public UsageException(String message) {
    super(message);
  }
}
