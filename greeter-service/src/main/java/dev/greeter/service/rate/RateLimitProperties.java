package dev.greeter.service.rate;

import dev.greeter.service.error.InvalidSetting;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.diagnostics.FailureAnalyzedException;

/**
 * The settings of the rate limit, {@code greeter.rate-limit.*}, validated when they are bound.
 *
 * @param callsPerSecond calls that an address may make in a second, on average; 0 for no limit
 * @param burst calls that an address may make at once after a rest; counts only with a limit
 * @param failedAuthenticationsPerMinute refused secrets after which an address has to wait; 0 for
 *     no limit
 * @param maxAddresses addresses that are told apart
 */
@ConfigurationProperties("greeter.rate-limit")
record RateLimitProperties(
    int callsPerSecond, int burst, int failedAuthenticationsPerMinute, int maxAddresses) {

  private static final int MAX = 1_000_000;

  /**
   * Checks the settings.
   *
   * @throws FailureAnalyzedException if one of them is out of its range; the message names the
   *     property, its environment variable and what to set
   */
  RateLimitProperties {
    check("calls-per-second", callsPerSecond, 0);
    check("burst", burst, 1);
    check("failed-authentications-per-minute", failedAuthenticationsPerMinute, 0);
    check("max-addresses", maxAddresses, 1);
  }

  private static void check(String name, int value, int least) {
    InvalidSetting.checkNumber("greeter.rate-limit." + name, value, least, MAX);
  }
}
