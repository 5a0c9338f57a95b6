package dev.greeter.service.guard;

import static dev.greeter.guard.setting.InvalidSettingException.checkDuration;
import static dev.greeter.guard.setting.InvalidSettingException.checkPositive;
import static dev.greeter.guard.setting.InvalidSettingException.checkSize;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * What calls may take. What each limit is for is said in {@code application.yml}.
 *
 * @param maxCalls calls with the secret that are open at once
 * @param maxCallsPerAddress of these, those from one IP address
 * @param callIdle how long a call waits for the client's next message
 * @param open what calls without the secret may take, to services that are open
 */
@ConfigurationProperties("greeter.server.limits")
record CallLimitProperties(int maxCalls, int maxCallsPerAddress, Duration callIdle, Open open) {

  private static final Duration MILLISECOND = Duration.ofMillis(1);

  CallLimitProperties {
    checkPositive("max-calls", maxCalls);
    checkPositive("max-calls-per-address", maxCallsPerAddress);
    checkDuration("call-idle", callIdle, MILLISECOND);
  }

  /**
   * The limits of calls without the secret.
   *
   * @param maxRequestSize bytes of a request
   * @param maxCalls calls that are open at once
   * @param maxCallsPerAddress of these, those from one IP address
   * @param callIdle how long a call waits for the rest of its request, or for its answer to be
   *     taken
   * @param maxCallDuration how long a call may last
   */
  record Open(
      DataSize maxRequestSize,
      int maxCalls,
      int maxCallsPerAddress,
      Duration callIdle,
      Duration maxCallDuration) {

    Open {
      checkSize("max-request-size", maxRequestSize.toBytes());
      checkPositive("max-calls", maxCalls);
      checkPositive("max-calls-per-address", maxCallsPerAddress);
      checkDuration("call-idle", callIdle, MILLISECOND);
      checkDuration("max-call-duration", maxCallDuration, MILLISECOND);
    }
  }
}
