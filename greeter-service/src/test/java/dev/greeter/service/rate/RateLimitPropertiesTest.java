package dev.greeter.service.rate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.greeter.service.fixture.FakeClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.mock.env.MockEnvironment;

/** Which settings of the rate limit are refused, and what is said of them. */
class RateLimitPropertiesTest {

  private final MockEnvironment environment = new MockEnvironment();

  RateLimitPropertiesTest() {
    set("calls-per-second", "0");
    set("burst", "1");
    set("failed-authentications-per-minute", "0");
    set("max-addresses", "1");
  }

  @Test
  void takesTheLeast() {
    assertThat(RateLimitProperties.from(environment))
        .isEqualTo(new RateLimitProperties(0, 1, 0, 1));
  }

  @Test
  void takesTheMost() {
    set("calls-per-second", "1000000");
    set("burst", "1000000");
    set("failed-authentications-per-minute", "1000000");
    set("max-addresses", "1000000");

    var most = RateLimitProperties.from(environment);
    assertThat(most).isEqualTo(new RateLimitProperties(1_000_000, 1_000_000, 1_000_000, 1_000_000));
    assertThat(new RateLimitInterceptor(most, new FakeClock())).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({
    "calls-per-second, -1, CALLS_PER_SECOND, 0",
    "calls-per-second, 1000001, CALLS_PER_SECOND, 0",
    "calls-per-second, 99999999999, CALLS_PER_SECOND, 0",
    "calls-per-second, 0.5, CALLS_PER_SECOND, 0",
    "calls-per-second, '', CALLS_PER_SECOND, 0",
    "burst, 0, BURST, 1",
    "burst, many, BURST, 1",
    "failed-authentications-per-minute, -5, FAILED_AUTHENTICATIONS_PER_MINUTE, 0",
    "max-addresses, 0, MAX_ADDRESSES, 1",
  })
  void refusesANumberOutOfItsRange(String name, String value, String variable, int min) {
    set(name, value);

    assertThatExceptionOfType(FailureAnalyzedException.class)
        .isThrownBy(() -> RateLimitProperties.from(environment))
        .satisfies(
            e -> {
              assertThat(e.analysis().getDescription())
                  .isEqualTo(
                      "greeter.rate-limit.%s (environment variable GREETER_RATE_LIMIT_%s) is '%s'.",
                      name, variable, value);
              assertThat(e.analysis().getAction())
                  .isEqualTo(
                      "Set GREETER_RATE_LIMIT_%s to a whole number from %d to 1000000.",
                      variable, min);
            });
  }

  private void set(String name, String value) {
    environment.setProperty("greeter.rate-limit." + name, value);
  }
}
