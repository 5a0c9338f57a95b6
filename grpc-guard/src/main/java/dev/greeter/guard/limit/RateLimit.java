package dev.greeter.guard.limit;

import static dev.greeter.guard.setting.InvalidSettingException.checkNumber;

import dev.greeter.guard.setting.InvalidSettingException;
import io.github.bucket4j.TimeMeter;
import io.grpc.ServerInterceptor;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How often an address may call, and how often with a wrong secret; and how often a client.
 *
 * @param callsPerSecond calls that an address may make in a second, on average; 0 for no limit
 * @param clientCallsPerSecond calls that a client whose secret has a name may make in a second, on
 *     average, wherever they come from; 0 for no limit
 * @param burst calls that either may make at once after a rest; counts only with a limit
 * @param failedAuthenticationsPerMinute refused secrets after which an address has to wait; 0 for
 *     no limit
 * @param maxAddresses addresses that are told apart
 */
public record RateLimit(
    int callsPerSecond,
    int clientCallsPerSecond,
    int burst,
    int failedAuthenticationsPerMinute,
    int maxAddresses) {

  private static final int MAX = 1_000_000;

  /**
   * Checks the limits.
   *
   * @throws InvalidSettingException if one of them is out of its range
   */
  public RateLimit {
    checkNumber("calls-per-second", callsPerSecond, 0, MAX);
    checkNumber("client-calls-per-second", clientCallsPerSecond, 0, MAX);
    checkNumber("burst", burst, 1, MAX);
    checkNumber("failed-authentications-per-minute", failedAuthenticationsPerMinute, 0, MAX);
    checkNumber("max-addresses", maxAddresses, 1, MAX);
  }

  /**
   * Returns what refuses the calls over the limits of addresses. It belongs outside the check of
   * the secret, so that it slows guessing too.
   */
  public ServerInterceptor interceptor() {
    return new RateLimitInterceptor(this, TimeMeter.SYSTEM_NANOTIME);
  }

  /**
   * Returns what refuses the calls over the limit of clients. It belongs behind the check, which
   * knows whose call it is.
   *
   * @param refused is told the client of each call that is refused
   */
  public Optional<ServerInterceptor> clientInterceptor(Consumer<String> refused) {
    return clientCallsPerSecond == 0
        ? Optional.empty()
        : Optional.of(new ClientRateInterceptor(this, refused, TimeMeter.SYSTEM_NANOTIME));
  }
}
