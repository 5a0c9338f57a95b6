package dev.greeter.guard;

import com.google.common.base.Ascii;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A setting that cannot be used: which one, what is wrong with it, and what to set. The value is
 * never shown: a secret may stand in any wrong place. Each check throws one if the value breaks its
 * rule, and returns the value.
 *
 * <p>The name of a setting is that of a property, such as {@code greeter.auth.value}, for which an
 * environment variable stands, {@code GREETER_AUTH_VALUE}; one without a dot is an option, or a
 * part of some setting that its reader knows, see {@link #withPrefix}.
 */
public final class InvalidSettingException extends IllegalArgumentException {

  /** What gRPC over HTTP/2 defines, and what HTTP/2 forbids or derives (RFC 9113, 8.2.2). */
  private static final Pattern RESERVED_HEADER =
      Pattern.compile(
          "grpc-.*|connection|content-(length|type)|host|keep-alive|proxy-connection|te"
              + "|trace(parent|state)|trailer|transfer-encoding|upgrade|user-agent");

  /** Half of what gRPC takes by default: the other headers of a call need room, too. */
  private static final int MAX_HEADER_VALUE = 4_096;

  private static final String TOO_LONG =
      "has more than 4,096 characters: the limit of all headers of a call is 8 KB in gRPC";

  private final String setting;
  private final String problem;
  private final String expected;

  /**
   * Refuses a setting.
   *
   * @param setting its name
   * @param problem what is wrong, such as {@code is not set}
   * @param expected what to set in its place
   */
  public InvalidSettingException(String setting, String problem, String expected) {
    super(
        setting.contains(".")
            ? "%s (environment variable %s) %s.".formatted(setting, variable(setting), problem)
            : setting + " " + problem + ".");
    this.setting = setting;
    this.problem = problem;
    this.expected = expected;
  }

  /**
   * Refuses a setting that is not what it has to be.
   *
   * @param setting its name
   * @param expected what it has to be
   */
  public static InvalidSettingException isNot(String setting, String expected) {
    return new InvalidSettingException(setting, "is not " + expected, expected);
  }

  /** Returns what is wrong, to follow the name of the setting. */
  public String problem() {
    return problem;
  }

  /** Returns what to do about it: a sentence that names the environment variable. */
  public String action() {
    return "Set %s to %s.".formatted(variable(setting), expected);
  }

  /**
   * Returns the same, said of a part of a setting.
   *
   * @param prefix the setting's name; the part's, if it has one, is put behind it
   */
  public InvalidSettingException withPrefix(String prefix) {
    String name = setting.isEmpty() ? prefix : prefix + "." + setting;
    return new InvalidSettingException(name, problem, expected);
  }

  /** Checks a number, which has to be from {@code least} to {@code most}. */
  public static int checkNumber(String setting, int value, int least, int most) {
    if (value < least || value > most) {
      throw isNot(setting, "a whole number from %d to %d".formatted(least, most));
    }
    return value;
  }

  /** Checks a number that counts something, which has to be above 0. */
  public static int checkPositive(String setting, int value) {
    if (value <= 0) {
      throw isNot(setting, "a whole number above 0");
    }
    return value;
  }

  /**
   * Checks a duration, which has to be from {@code least} to a day: more than any of them has use
   * for, and fits into whatever gRPC counts in.
   */
  public static Duration checkDuration(String setting, Duration value, Duration least) {
    if (value.compareTo(least) < 0 || value.compareTo(Duration.ofDays(1)) > 0) {
      throw isNot(
          setting, "a duration from %d ms to one day, such as 10s".formatted(least.toMillis()));
    }
    return value;
  }

  /**
   * Checks a size, which has to be positive, and less than the largest that gRPC can count: that
   * stands for no limit in places.
   */
  public static void checkSize(String setting, long bytes) {
    if (bytes <= 0 || bytes >= Integer.MAX_VALUE) {
      throw isNot(setting, "a size below 2GB, such as 64KB");
    }
  }

  /** Checks the name of a header, which gRPC has to carry and not to use itself. */
  public static String checkHeader(String setting, @Nullable String name) {
    String expected = "a header name of letters, digits, '-', '_' and '.', such as authorization";
    String header = name == null ? "" : name;
    String lower = Ascii.toLowerCase(header);
    refuseIf(lower.isBlank(), setting, "is blank", expected);
    boolean reserved = RESERVED_HEADER.matcher(lower).matches();
    refuseIf(reserved, setting, "is a name that gRPC or tracing uses", expected);
    boolean binary = lower.endsWith("-bin");
    refuseIf(binary, setting, "ends in -bin, as only headers with binary values do", expected);
    refuseIf(!lower.matches("[a-z0-9_.-]+"), setting, "is not a legal header name", expected);
    return header;
  }

  /** Checks a secret, which goes as the value of a header: ASCII-Value in "gRPC over HTTP2". */
  public static String checkSecret(String setting, @Nullable String value) {
    String expected = "the shared secret: printable ASCII characters, with no blank at either end";
    String secret = value == null ? "" : value;
    refuseIf(secret.isBlank(), setting, "is blank", expected);
    boolean printable = secret.matches("[ -~]+");
    refuseIf(!printable, setting, "has a character that a gRPC header cannot carry", expected);
    refuseIf(secret.length() > MAX_HEADER_VALUE, setting, TOO_LONG, expected);
    boolean atTheEnd = !secret.strip().equals(secret);
    refuseIf(
        atTheEnd, setting, "begins or ends with a blank, which may be lost on the way", expected);
    return secret;
  }

  private static void refuseIf(boolean wrong, String setting, String problem, String expected) {
    if (wrong) {
      throw new InvalidSettingException(setting, problem, expected);
    }
  }

  private static String variable(String setting) {
    boolean option = setting.startsWith("--");
    return option ? setting : setting.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
  }
}
