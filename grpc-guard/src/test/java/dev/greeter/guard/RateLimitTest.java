package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.greeter.guard.setting.InvalidSettingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which settings of the rate limit are refused, and what is said of them. */
class RateLimitTest {

  @Test
  void takesTheLeast() {
    assertThatCode(() -> new RateLimit(0, 0, 1, 0, 1)).doesNotThrowAnyException();
  }

  @Test
  void takesTheMost() {
    var most = new RateLimit(1_000_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000);
    assertThat(most.interceptor()).isNotNull();
    assertThat(most.clientInterceptor(client -> {})).isPresent();
  }

  @Test
  void hasNothingForClientsIfTheyHaveNoLimit() {
    assertThat(new RateLimit(1, 0, 1, 1, 1).clientInterceptor(client -> {})).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 0, 1, 0, 1, calls-per-second, CALLS_PER_SECOND, 0",
    "1000001, 0, 1, 0, 1, calls-per-second, CALLS_PER_SECOND, 0",
    "0, -1, 1, 0, 1, client-calls-per-second, CLIENT_CALLS_PER_SECOND, 0",
    "0, 0, 0, 0, 1, burst, BURST, 1",
    "0, 0, 1, -5, 1, failed-authentications-per-minute, FAILED_AUTHENTICATIONS_PER_MINUTE, 0",
    "0, 0, 1, 0, 0, max-addresses, MAX_ADDRESSES, 1",
  })
  void refusesANumberOutOfItsRange(
      int calls,
      int client,
      int burst,
      int failed,
      int addresses,
      String name,
      String variable,
      int min) {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> new RateLimit(calls, client, burst, failed, addresses))
        .satisfies(
            e -> {
              assertThat(e).hasMessage("%s is not a whole number from %d to 1000000.", name, min);
              var setting = e.under("greeter.rate-limit");
              assertThat(setting)
                  .hasMessage(
                      "greeter.rate-limit.%s (environment variable GREETER_RATE_LIMIT_%s) is not"
                          + " a whole number from %d to 1000000.",
                      name, variable, min);
              assertThat(setting.action())
                  .isEqualTo(
                      "Set GREETER_RATE_LIMIT_%s to a whole number from %d to 1000000.",
                      variable, min);
            });
  }
}
