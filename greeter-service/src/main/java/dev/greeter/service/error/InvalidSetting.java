package dev.greeter.service.error;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.core.io.Resource;
import org.springframework.util.unit.DataSize;

/**
 * What is said of a setting that cannot be used: what is wrong with it, and what to set. The value
 * is never shown: a secret may stand in any wrong place.
 */
public final class InvalidSetting {

  private InvalidSetting() {}

  /**
   * Refuses a setting.
   *
   * @param property name of the property
   * @param problem what is wrong, such as {@code is not set}
   * @param wanted what to set in its place
   * @return the failure that ends the start
   */
  public static FailureAnalyzedException of(String property, String problem, String wanted) {
    String variable = variable(property);
    return new FailureAnalyzedException(
        "%s (environment variable %s) %s.".formatted(property, variable, problem),
        "Set %s to %s.".formatted(variable, wanted));
  }

  /**
   * Refuses a setting that is not what it has to be.
   *
   * @param property name of the property
   * @param wanted what it has to be
   * @return the failure that ends the start
   */
  public static FailureAnalyzedException isNot(String property, String wanted) {
    return of(property, "is not " + wanted, wanted);
  }

  /**
   * Checks a number.
   *
   * @param property name of the property
   * @param least the smallest that can be used
   * @param most the largest
   * @throws FailureAnalyzedException if it is out of its range
   */
  public static void checkNumber(String property, int value, int least, int most) {
    if (value < least || value > most) {
      throw isNot(property, "a whole number from %d to %d".formatted(least, most));
    }
  }

  /**
   * Checks a duration. A day is more than any of them has use for, and fits into whatever gRPC
   * counts in.
   *
   * @param property name of the property
   * @param least the shortest that can be used
   * @throws FailureAnalyzedException if it is shorter, or longer than a day
   */
  public static void checkDuration(String property, Duration value, Duration least) {
    if (value.compareTo(least) < 0 || value.compareTo(Duration.ofDays(1)) > 0) {
      throw isNot(
          property, "a duration from %d ms to one day, such as 10s".formatted(least.toMillis()));
    }
  }

  /**
   * Checks a size.
   *
   * @param property name of the property
   * @throws FailureAnalyzedException if it is not positive, or larger than gRPC can count; the
   *     largest that it can is what the starter makes of -1, and no limit
   */
  public static void checkSize(String property, DataSize value) {
    if (value.toBytes() <= 0 || value.toBytes() >= Integer.MAX_VALUE) {
      throw isNot(property, "a size below 2GB, such as 64KB");
    }
  }

  /** Returns the environment variable of a property, in the form that the README has. */
  static String variable(String property) {
    return property.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
  }

  /**
   * Says what can be set.
   *
   * @param type what a value has to become
   * @return a few words for those who set it
   */
  public static String wanted(Class<?> type) {
    if (type == Duration.class) {
      return "a duration such as 10s";
    }
    if (type == DataSize.class) {
      return "a size such as 64KB";
    }
    if (type == boolean.class) {
      return "true or false";
    }
    if (type == int.class) {
      return "a whole number";
    }
    if (type == Resource.class) {
      return "a file, such as file:/certificates/tls.pem";
    }
    if (type.isEnum()) {
      return "one of " + Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT);
    }
    return "a legal value";
  }
}
