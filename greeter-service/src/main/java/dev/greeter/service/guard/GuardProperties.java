package dev.greeter.service.guard;

import static dev.greeter.guard.setting.InvalidSettingException.checkNumber;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How often callers may call, and which calls are logged.
 *
 * @param rateLimit how often an address or a client may call
 * @param accessLog which calls have a line in the log
 */
@ConfigurationProperties("greeter")
record GuardProperties(RateLimit rateLimit, AccessLog accessLog) {

  private static final int MAX = 1_000_000;

  /**
   * The limits of rates; 0 is no limit.
   *
   * @param callsPerSecond calls that an address may make in a second, on average
   * @param clientCallsPerSecond calls that a client whose secret has a name may make in a second,
   *     on average
   * @param burst calls that either may make at once after a rest
   * @param failedAuthenticationsPerMinute refused secrets after which an address has to wait
   * @param maxAddresses addresses that are tracked separately; others have one limit between them
   */
  record RateLimit(
      int callsPerSecond,
      int clientCallsPerSecond,
      int burst,
      int failedAuthenticationsPerMinute,
      int maxAddresses) {

    RateLimit {
      checkNumber("calls-per-second", callsPerSecond, 0, MAX);
      checkNumber("client-calls-per-second", clientCallsPerSecond, 0, MAX);
      checkNumber("burst", burst, 1, MAX);
      checkNumber("failed-authentications-per-minute", failedAuthenticationsPerMinute, 0, MAX);
      checkNumber("max-addresses", maxAddresses, 1, MAX);
    }
  }

  /**
   * The calls that have a line; 0 is none.
   *
   * @param sample one of this many calls that end well has a line, at random
   * @param refusalsPerSecond lines about refused calls in a second, at most
   * @param failuresPerSecond lines about other calls that do not end well in a second, at most
   */
  record AccessLog(int sample, int refusalsPerSecond, int failuresPerSecond) {

    AccessLog {
      checkNumber("sample", sample, 0, MAX);
      checkNumber("refusals-per-second", refusalsPerSecond, 0, MAX);
      checkNumber("failures-per-second", failuresPerSecond, 0, MAX);
    }
  }
}
