package dev.greeter.service.rate;

import com.google.common.primitives.Ints;
import dev.greeter.service.error.InvalidSetting;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.core.env.Environment;

/**
 * The settings of the rate limit, {@code greeter.rate-limit.*}.
 *
 * @param callsPerSecond calls that an address may make in a second, on average; 0 for no limit
 * @param burst calls that an address may make at once after a rest; counts only with a limit
 * @param failedAuthenticationsPerMinute refused secrets after which an address has to wait; 0 for
 *     no limit
 * @param maxAddresses addresses that are told apart
 */
record RateLimitProperties(
    int callsPerSecond, int burst, int failedAuthenticationsPerMinute, int maxAddresses) {

  private static final int MAX = 1_000_000;

  /**
   * Reads the settings.
   *
   * @param environment where the application has its properties
   * @return the settings, checked
   * @throws FailureAnalyzedException if one of them is no whole number in its range; the message
   *     names the property, its environment variable and what to set
   */
  static RateLimitProperties from(Environment environment) {
    return new RateLimitProperties(
        number(environment, "calls-per-second", 0),
        number(environment, "burst", 1),
        number(environment, "failed-authentications-per-minute", 0),
        number(environment, "max-addresses", 1));
  }

  private static int number(Environment environment, String name, int min) {
    String property = "greeter.rate-limit." + name;
    String value = environment.getProperty(property, "");
    Integer number = Ints.tryParse(value);
    if (number == null || number < min || number > MAX) {
      throw InvalidSetting.of(
          property, "is '" + value + "'", "a whole number from %d to %d".formatted(min, MAX));
    }
    return number;
  }
}
