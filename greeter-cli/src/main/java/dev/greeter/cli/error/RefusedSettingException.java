package dev.greeter.cli.error;

import dev.greeter.guard.setting.InvalidSettingException;
import java.util.function.Supplier;
import org.springframework.boot.ExitCodeGenerator;
import org.springframework.boot.diagnostics.FailureAnalyzedException;

/** A setting that cannot be used: the program does not start, and ends like a wrong usage. */
public final class RefusedSettingException extends FailureAnalyzedException
    implements ExitCodeGenerator {

  /**
   * Creates the exception.
   *
   * @param description what is wrong, with the property and its environment variable
   * @param action what to set instead
   */
  public RefusedSettingException(String description, String action) {
    super(description, action);
  }

  /** Creates the exception for a setting that a check has refused. */
  public RefusedSettingException(InvalidSettingException setting) {
    this(String.valueOf(setting.getMessage()), setting.action());
  }

  /**
   * Makes something of a setting.
   *
   * @throws RefusedSettingException in place of an {@link InvalidSettingException}
   */
  public static <T> T orRefuse(Supplier<T> maker) {
    try {
      return maker.get();
    } catch (InvalidSettingException e) {
      throw new RefusedSettingException(e);
    }
  }

  @Override
  public int getExitCode() {
    return ExitCode.USAGE;
  }
}
