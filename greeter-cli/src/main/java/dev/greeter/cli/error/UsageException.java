package dev.greeter.cli.error;

/** What the user typed cannot be run; the message says why and what to type instead. */
public class UsageException extends RuntimeException {

  /**
   * Creates the exception.
   *
   * @param message one or two lines for the user
   */
  public UsageException(String message) {
    super(message);
  }
}
