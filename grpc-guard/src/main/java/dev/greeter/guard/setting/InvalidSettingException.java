package dev.greeter.guard.setting;

import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A setting that cannot be used: which one, what is wrong with it, and what to set. The value is
 * never shown: a secret may stand in any wrong place.
 *
 * <p>The name of a setting is that of a property, such as {@code greeter.auth.value}, for which an
 * environment variable stands, {@code GREETER_AUTH_VALUE}; one without a dot is a part of some
 * setting that its reader knows, see {@link #under}.
 */
public final class InvalidSettingException extends IllegalArgumentException {

  private final String setting;
  private final String problem;
  private final String wanted;

  /**
   * Refuses a setting.
   *
   * @param setting its name
   * @param problem what is wrong, such as {@code is not set}
   * @param wanted what to set in its place
   */
  public InvalidSettingException(String setting, String problem, String wanted) {
    super(named(setting) + " " + problem + ".");
    this.setting = setting;
    this.problem = problem;
    this.wanted = wanted;
  }

  /**
   * Refuses a setting that is not what it has to be.
   *
   * @param setting its name
   * @param wanted what it has to be
   */
  public static InvalidSettingException isNot(String setting, String wanted) {
    return new InvalidSettingException(setting, "is not " + wanted, wanted);
  }

  /** Returns what is wrong, to follow the name of the setting. */
  public String problem() {
    return problem;
  }

  /** Returns what to do about it: a sentence that names the environment variable. */
  public String action() {
    return "Set %s to %s.".formatted(variable(setting), wanted);
  }

  /**
   * Returns the same, said of a part of a setting.
   *
   * @param prefix the setting's name; the part's, if it has one, is put behind it
   */
  public InvalidSettingException under(String prefix) {
    String name = setting.isEmpty() ? prefix : prefix + "." + setting;
    return new InvalidSettingException(name, problem, wanted);
  }

  /**
   * Checks a number.
   *
   * @param least the smallest that can be used
   * @param most the largest
   * @throws InvalidSettingException if it is out of its range
   */
  public static void checkNumber(String setting, int value, int least, int most) {
    if (value < least || value > most) {
      throw isNot(setting, "a whole number from %d to %d".formatted(least, most));
    }
  }

  /**
   * Checks a number that counts something.
   *
   * @throws InvalidSettingException if it is 0 or less
   */
  public static void checkPositive(String setting, int value) {
    if (value <= 0) {
      throw isNot(setting, "a whole number above 0");
    }
  }

  /**
   * Checks a duration. A day is more than any of them has use for, and fits into whatever gRPC
   * counts in.
   *
   * @param least the shortest that can be used
   * @throws InvalidSettingException if it is shorter, or longer than a day
   */
  public static void checkDuration(String setting, Duration value, Duration least) {
    if (value.compareTo(least) < 0 || value.compareTo(Duration.ofDays(1)) > 0) {
      throw isNot(
          setting, "a duration from %d ms to one day, such as 10s".formatted(least.toMillis()));
    }
  }

  /**
   * Checks a size.
   *
   * @throws InvalidSettingException if it is not positive, or larger than gRPC can count; the
   *     largest that it can stands for no limit in places
   */
  public static void checkSize(String setting, long bytes) {
    if (bytes <= 0 || bytes >= Integer.MAX_VALUE) {
      throw isNot(setting, "a size below 2GB, such as 64KB");
    }
  }

  /**
   * Checks the address of a collector.
   *
   * @throws InvalidSettingException if it is none with a host, of http or https
   */
  public static void checkHttpAddress(String setting, String value) {
    try {
      URI uri = URI.create(value);
      if (uri.getHost() != null
          && uri.getPort() <= 65_535
          && String.valueOf(uri.getScheme()).matches("https?")) {
        return;
      }
    } catch (IllegalArgumentException e) {
      // Falls through: its message repeats the value.
    }
    throw new InvalidSettingException(
        setting,
        "is not the address of a collector",
        "one with http or https, such as http://localhost:4317");
  }

  /**
   * Checks the name of a header.
   *
   * @throws InvalidSettingException if gRPC cannot carry it, or has a use of its own for it
   */
  public static void checkHeader(String setting, @Nullable String name) {
    String problem = HeaderRules.problemOfName(name);
    if (problem != null) {
      throw new InvalidSettingException(
          setting,
          problem,
          "a header name of letters, digits, '-', '_' and '.', such as authorization");
    }
  }

  /**
   * Checks a secret, which goes as the value of a header.
   *
   * @return the same
   * @throws InvalidSettingException if gRPC cannot carry it
   */
  public static String checkSecret(String setting, @Nullable String value) {
    String problem = HeaderRules.problemOfValue(value);
    if (value == null || problem != null) {
      throw new InvalidSettingException(
          setting,
          String.valueOf(problem),
          "the shared secret: printable ASCII characters, with no blank at either end");
    }
    return value;
  }

  /**
   * Says what can be set.
   *
   * @param type what a value has to become; those of frameworks are known by their simple name
   * @return a few words for those who set it
   */
  public static String wanted(Class<?> type) {
    if (type.isEnum()) {
      return "one of " + Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT);
    }
    return switch (type.getSimpleName()) {
      case "Duration" -> "a duration such as 10s";
      case "DataSize" -> "a size such as 64KB";
      case "boolean", "Boolean" -> "true or false";
      case "int" -> "a whole number";
      case "Resource" -> "a file, such as file:/certificates/tls.pem";
      default -> "a legal value";
    };
  }

  private static String named(String setting) {
    return setting.contains(".")
        ? "%s (environment variable %s)".formatted(setting, variable(setting))
        : setting;
  }

  private static String variable(String setting) {
    return setting.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
  }
}
