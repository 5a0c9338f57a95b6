package dev.greeter.guard;

import com.google.common.base.Ascii;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An invalid setting: its name, the problem, and the expected value. The actual value is never
 * shown: it may be a misplaced secret. Each check returns the value, or throws this exception if it
 * is invalid.
 *
 * <p>A name with a dot is a property, such as {@code greeter.auth.value}, with the environment
 * variable {@code GREETER_AUTH_VALUE}. A name without a dot is an option, or a part of a setting
 * whose name is added later: see {@link #withPrefix}.
 */
public final class InvalidSettingException extends IllegalArgumentException {

  /** Headers that gRPC over HTTP/2 defines, or HTTP/2 forbids or derives (RFC 9113, 8.2.2). */
  private static final Pattern RESERVED_HEADER =
      Pattern.compile(
          "grpc-.*|connection|content-(length|type)|host|keep-alive|proxy-connection|te"
              + "|trace(parent|state)|trailer|transfer-encoding|upgrade|user-agent");

  /** Half of gRPC's default limit: the other headers of a call also need room. */
  private static final int MAX_HEADER_VALUE = 4_096;

  private static final String TOO_LONG =
      "has more than 4,096 characters: gRPC limits all headers of a call to 8 KB";

  private final String setting;
  private final String problem;
  private final String expected;

  /**
   * Refuses a setting.
   *
   * @param setting its name
   * @param problem what is wrong, such as {@code is not set}
   * @param expected what to set instead
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
   * Refuses a setting that is not as expected.
   *
   * @param setting its name
   * @param expected what it must be
   */
  public static InvalidSettingException isNot(String setting, String expected) {
    return new InvalidSettingException(setting, "is not " + expected, expected);
  }

  /** Returns the problem, to be read after the name of the setting. */
  public String problem() {
    return problem;
  }

  /** Returns the remedy: a sentence that names the environment variable. */
  public String action() {
    return "Set %s to %s.".formatted(variable(setting), expected);
  }

  /**
   * Returns the same problem for a part of a setting.
   *
   * @param prefix the name of the setting; the name of the part, if any, is appended
   */
  public InvalidSettingException withPrefix(String prefix) {
    return withName(setting.isEmpty() ? prefix : prefix + "." + setting);
  }

  /** Returns the same problem for a setting of another name. */
  public InvalidSettingException withName(String name) {
    return new InvalidSettingException(name, problem, expected);
  }

  /** Checks that a number is from {@code least} to {@code most}. */
  public static int checkNumber(String setting, int value, int least, int most) {
    if (value < least || value > most) {
      throw isNot(setting, "a whole number from %d to %d".formatted(least, most));
    }
    return value;
  }

  /** Checks that a number is above 0. */
  public static int checkPositive(String setting, int value) {
    if (value <= 0) {
      throw isNot(setting, "a whole number above 0");
    }
    return value;
  }

  /**
   * Checks that a duration is from {@code least} to one day: longer than any setting needs, and
   * within the range of gRPC's counters.
   */
  public static Duration checkDuration(String setting, Duration value, Duration least) {
    if (value.compareTo(least) < 0 || value.compareTo(Duration.ofDays(1)) > 0) {
      throw isNot(
          setting, "a duration from %d ms to one day, such as 10s".formatted(least.toMillis()));
    }
    return value;
  }

  /** Checks that a size is positive and less than gRPC's maximum, which can mean no limit. */
  public static void checkSize(String setting, long bytes) {
    if (bytes <= 0 || bytes >= Integer.MAX_VALUE) {
      throw isNot(setting, "a size below 2GB, such as 64KB");
    }
  }

  /** Checks that a name is a header that gRPC can carry and does not use itself. */
  public static String checkHeader(String setting, @Nullable String name) {
    String expected = "a header name of letters, digits, '-', '_' and '.', such as authorization";
    String header = name == null ? "" : name;
    String lower = Ascii.toLowerCase(header);
    refuseIf(lower.isBlank(), setting, "is blank", expected);
    boolean reserved = RESERVED_HEADER.matcher(lower).matches();
    refuseIf(reserved, setting, "is a name that gRPC or tracing uses", expected);
    boolean binary = lower.endsWith("-bin");
    refuseIf(binary, setting, "ends in -bin, which is reserved for binary values", expected);
    refuseIf(!lower.matches("[a-z0-9_.-]+"), setting, "is not a legal header name", expected);
    return header;
  }

  /** Checks that a secret is a valid header value: ASCII-Value in "gRPC over HTTP2". */
  public static String checkSecret(String setting, @Nullable String value) {
    String expected = "the shared secret: printable ASCII characters, with no blank at either end";
    String secret = value == null ? "" : value;
    refuseIf(secret.isBlank(), setting, "is blank", expected);
    boolean printable = secret.matches("[ -~]+");
    refuseIf(!printable, setting, "has a character that a gRPC header cannot carry", expected);
    refuseIf(secret.length() > MAX_HEADER_VALUE, setting, TOO_LONG, expected);
    boolean atTheEnd = !secret.strip().equals(secret);
    refuseIf(
        atTheEnd, setting, "starts or ends with a blank, which may be lost in transit", expected);
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
