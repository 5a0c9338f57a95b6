package dev.greeter.cli.console;

/** An invalid command line or setting. The message states the cause and a remedy. */
public class UsageException extends RuntimeException {

  /**
   * Creates the exception.
   *
   * @param message the cause, then one remedy
   */
  public UsageException(String message) {
    super(message);
  }
}
