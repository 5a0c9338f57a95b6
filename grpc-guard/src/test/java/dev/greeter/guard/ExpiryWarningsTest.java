package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.greeter.guard.fixture.LogCapture;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests when expiries are logged. */
class ExpiryWarningsTest {

  private static final Instant END = Instant.parse("2027-02-01T00:00:00Z");

  @RegisterExtension private final LogCapture log = new LogCapture();

  private final Map<String, Instant> ends = new HashMap<>(Map.of("ada", END));
  private Instant now = END.minus(Duration.ofDays(8));
  private final ExpiryWarnings warnings = new ExpiryWarnings("client secrets", () -> now);

  @Test
  void warnsOncePerThresholdUntilExpiry() {
    for (Duration before :
        List.of(Duration.ofDays(7), Duration.ofDays(1), Duration.ofHours(1), Duration.ZERO)) {
      check(before.plusMillis(1));
      check(before);
      check(before);
    }
    assertLog(
        "These client secrets expire within a week: ada",
        "These client secrets expire within a day: ada",
        "These client secrets expire within an hour: ada",
        "Expired client secrets: ada");
  }

  @Test
  void warnsOncePerSecretAtLatestThreshold() {
    check(Duration.ofMinutes(1));
    ends.put("cleo", END);
    check(Duration.ofMinutes(1));
    assertLog(
        "These client secrets expire within an hour: ada",
        "These client secrets expire within an hour: cleo");
  }

  @Test
  void namesAtMostTenInOneLine() {
    for (int i = 0; i < 1_000; i++) {
      ends.put("n" + i, END);
    }
    check(Duration.ofMinutes(1));
    assertLog(
        "These client secrets expire within an hour: ada, n0, n1, n10, n100, n101, n102, n103, n104,"
            + " n105 and 991 more");
  }

  private void check(Duration before) {
    now = END.minus(before);
    warnings.check(ends);
  }

  private void assertLog(String... lines) {
    assertThat(log.problems())
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(lines);
  }
}
