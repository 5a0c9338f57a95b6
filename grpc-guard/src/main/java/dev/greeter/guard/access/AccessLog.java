package dev.greeter.guard.access;

import static dev.greeter.guard.setting.InvalidSettingException.checkNumber;

import dev.greeter.guard.setting.InvalidSettingException;
import io.github.bucket4j.TimeMeter;
import io.grpc.ServerInterceptor;

/**
 * Which calls have a line in the access log.
 *
 * @param sample one of so many calls that end well has a line, chosen at random; 0 for none
 * @param refusalsPerSecond lines about refused calls in a second, at most; 0 for none
 * @param failuresPerSecond lines about other calls that do not end well in a second, at most; 0 for
 *     none
 */
public record AccessLog(int sample, int refusalsPerSecond, int failuresPerSecond) {

  private static final int MAX = 1_000_000;

  /**
   * Checks the numbers.
   *
   * @throws InvalidSettingException if one of them is out of its range
   */
  public AccessLog {
    checkNumber("sample", sample, 0, MAX);
    checkNumber("refusals-per-second", refusalsPerSecond, 0, MAX);
    checkNumber("failures-per-second", failuresPerSecond, 0, MAX);
  }

  /** Tells whether no call can have a line; the interceptor is not needed then. */
  public boolean isOff() {
    return sample == 0 && refusalsPerSecond == 0 && failuresPerSecond == 0;
  }

  /**
   * Returns what writes the lines. It belongs around all other interceptors, so that it sees what
   * they refuse.
   */
  public ServerInterceptor interceptor() {
    return new AccessLogInterceptor(new AccessLogWriter(this, TimeMeter.SYSTEM_NANOTIME));
  }
}
