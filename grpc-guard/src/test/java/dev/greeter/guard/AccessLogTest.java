package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.greeter.guard.setting.InvalidSettingException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which settings of the access log are refused, and which leave no line. */
class AccessLogTest {

  @ParameterizedTest
  @CsvSource({
    "-1, 0, 0, sample, SAMPLE",
    "0, -1, 0, refusals-per-second, REFUSALS_PER_SECOND",
    "0, 0, 1000001, failures-per-second, FAILURES_PER_SECOND",
  })
  void refusesANumberOutOfItsRange(
      int sample, int refusals, int failures, String name, String variable) {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> new AccessLog(sample, refusals, failures))
        .satisfies(
            e -> {
              assertThat(e).hasMessage("%s is not a whole number from 0 to 1000000.", name);
              var setting = e.under("greeter.access-log");
              assertThat(setting)
                  .hasMessage(
                      "greeter.access-log.%s (environment variable GREETER_ACCESS_LOG_%s) is not"
                          + " a whole number from 0 to 1000000.",
                      name, variable);
              assertThat(setting.action())
                  .isEqualTo(
                      "Set GREETER_ACCESS_LOG_%s to a whole number from 0 to 1000000.", variable);
            });
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, true",
    "1, 0, 0, false",
    "0, 1, 0, false",
    "0, 0, 1, false",
    "1000000, 1000000, 1000000, false",
  })
  void isOffIfNoCallCanHaveALine(int sample, int refusals, int failures, boolean off) {
    var settings = new AccessLog(sample, refusals, failures);
    assertThat(settings.isOff()).isEqualTo(off);
    assertThat(settings.interceptor()).isNotNull();
  }
}
