package dev.greeter.service.access;

import dev.greeter.service.error.InvalidSetting;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.diagnostics.FailureAnalyzedException;

/**
 * The settings of the access log, {@code greeter.access-log.*}, validated when they are bound.
 *
 * @param sample one of so many calls that end well has a line, chosen at random; 0 for none
 * @param refusalsPerSecond lines about refused calls in a second, at most; 0 for none
 * @param failuresPerSecond lines about other calls that do not end well in a second, at most; 0 for
 *     none
 */
@ConfigurationProperties("greeter.access-log")
record AccessLogProperties(int sample, int refusalsPerSecond, int failuresPerSecond) {

  private static final int MAX = 1_000_000;

  /**
   * Checks the settings.
   *
   * @throws FailureAnalyzedException if one of them is out of its range; the message names the
   *     property, its environment variable and what to set
   */
  AccessLogProperties {
    check("sample", sample);
    check("refusals-per-second", refusalsPerSecond);
    check("failures-per-second", failuresPerSecond);
  }

  /** Returns whether no call can have a line. */
  boolean isOff() {
    return sample == 0 && refusalsPerSecond == 0 && failuresPerSecond == 0;
  }

  private static void check(String name, int value) {
    InvalidSetting.checkNumber("greeter.access-log." + name, value, 0, MAX);
  }
}
