package dev.greeter.guard.limit;

import static dev.greeter.guard.setting.InvalidSettingException.checkDuration;
import static dev.greeter.guard.setting.InvalidSettingException.checkPositive;
import static dev.greeter.guard.setting.InvalidSettingException.checkSize;

import dev.greeter.guard.setting.InvalidSettingException;
import java.time.Duration;

/**
 * What the calls of a service may take. Those with the secret and those without have one each.
 *
 * @param maxRequestBytes how large a message of the client may be, on the wire; what it becomes
 *     when it is decompressed is limited by the server's {@code maxInboundMessageSize}
 * @param idle how long a call waits for the client's next message; without the secret, for its
 *     answer to be taken, too
 * @param maxCallsPerAddress calls that are open at once from one address
 * @param maxCalls calls that are open at once
 * @param maxDuration how long a call may last
 */
public record CallPolicy(
    int maxRequestBytes,
    Duration idle,
    int maxCallsPerAddress,
    int maxCalls,
    Duration maxDuration) {

  /** For those without the secret: probes. */
  public static final CallPolicy OPEN =
      new CallPolicy(1024, Duration.ofSeconds(5), 20, 200, Duration.ofMinutes(10));

  /** For those with the secret, and small messages. */
  public static final CallPolicy GUARDED =
      new CallPolicy(64 * 1024, Duration.ofMinutes(5), 800, 1_000, Duration.ofDays(1));

  /**
   * Checks the limits.
   *
   * @throws InvalidSettingException if one of them is out of its range
   */
  public CallPolicy {
    checkSize("max-request-bytes", maxRequestBytes);
    checkDuration("idle", idle, Duration.ofMillis(1));
    checkPositive("max-calls-per-address", maxCallsPerAddress);
    checkPositive("max-calls", maxCalls);
    if (maxDuration.isZero() || maxDuration.isNegative()) {
      throw InvalidSettingException.isNot("max-duration", "a duration above 0, such as 1h");
    }
  }
}
