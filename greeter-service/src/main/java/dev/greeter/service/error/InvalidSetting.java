package dev.greeter.service.error;

import java.util.Locale;
import org.springframework.boot.diagnostics.FailureAnalyzedException;

/** What is said of a setting that cannot be used: what is wrong with it, and what to set. */
public final class InvalidSetting {

  private InvalidSetting() {}

  /**
   * Refuses a setting.
   *
   * @param property name of the property
   * @param problem what is wrong, such as {@code is 0}
   * @param wanted what to set in its place
   * @return the failure that ends the start
   */
  public static FailureAnalyzedException of(String property, String problem, String wanted) {
    String variable = variable(property);
    return new FailureAnalyzedException(
        "%s (environment variable %s) %s.".formatted(property, variable, problem),
        "Set %s to %s.".formatted(variable, wanted));
  }

  /** Returns the environment variable of a property, in the form that the README has. */
  static String variable(String property) {
    return property.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
  }
}
