package dev.greeter.cli.error;

import org.springframework.boot.ExitCodeGenerator;
import org.springframework.boot.diagnostics.FailureAnalyzedException;

/** A setting that cannot be used: the program does not start, and ends like a wrong usage. */
public final class InvalidSettingException extends FailureAnalyzedException
    implements ExitCodeGenerator {

  /**
   * Creates the exception.
   *
   * @param description what is wrong, with the property and its environment variable
   * @param action what to set instead
   */
  public InvalidSettingException(String description, String action) {
    super(description, action);
  }

  @Override
  public int getExitCode() {
    return ExitCode.USAGE;
  }
}
