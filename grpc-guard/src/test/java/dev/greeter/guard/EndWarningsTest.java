package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.greeter.guard.fixture.LogCapture;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** When the log says that a secret ends. */
class EndWarningsTest {

  private static final Instant END = Instant.parse("2027-02-01T00:00:00Z");

  @RegisterExtension private final LogCapture log = new LogCapture();

  private Instant now = END.minus(Duration.ofDays(8));
  private final EndWarnings warnings = new EndWarnings(() -> now);
  private Credentials credentials = new Credentials();

  @BeforeEach
  void name() {
    add("ada", END);
    add("bob", null);
  }

  @Test
  void isAWeekADayAndAnHourBeforeAndAtTheEndEachOnce() {
    check(Duration.ofDays(7).plusMillis(1));
    assertLog();
    for (Duration before :
        new Duration[] {
          Duration.ofDays(7), Duration.ofDays(1), Duration.ofHours(1), Duration.ZERO
        }) {
      check(before.plusMillis(1));
      check(before);
      check(before);
    }
    assertLog(
        "Secrets of clients that end within a week: ada (2027-02-01T00:00:00Z)",
        "Secrets of clients that end within a day: ada (2027-02-01T00:00:00Z)",
        "Secrets of clients that end within an hour: ada (2027-02-01T00:00:00Z)",
        "Secrets of clients that have ended: ada (2027-02-01T00:00:00Z)");
  }

  @Test
  void isOnlyTheLastOfThoseThatAreDue() {
    check(Duration.ofMinutes(1));
    assertLog("Secrets of clients that end within an hour: ada (2027-02-01T00:00:00Z)");
  }

  @Test
  void isNotRepeatedWhenAnotherIsAdded() {
    check(Duration.ofMinutes(1));
    add("cleo", END);
    check(Duration.ofMinutes(1));
    assertLog(
        "Secrets of clients that end within an hour: ada (2027-02-01T00:00:00Z)",
        "Secrets of clients that end within an hour: cleo (2027-02-01T00:00:00Z)");
  }

  @Test
  void isOneLineForAllAndNamesTen() {
    for (int i = 0; i < 1_000; i++) {
      add("n" + i, END);
    }
    check(Duration.ofMinutes(1));
    assertThat(log.problems()).hasSize(1);
    assertThat(log.problems().get(0).getFormattedMessage())
        .startsWith("Secrets of clients that end within an hour: ada (2027-02-01T00:00:00Z), n0 (")
        .endsWith(" and 991 more")
        .hasSizeLessThan(500);
  }

  private void add(String client, @Nullable Instant until) {
    credentials.add("", client, "secret of " + client, until);
  }

  private void check(Duration before) {
    now = END.minus(before);
    warnings.check(credentials);
  }

  private void assertLog(String... lines) {
    assertThat(log.problems())
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(lines);
  }
}
