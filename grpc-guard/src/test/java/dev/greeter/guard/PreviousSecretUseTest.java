package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.greeter.guard.fixture.LogCapture;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the log says of calls with the previous secret. */
class PreviousSecretUseTest {

  @RegisterExtension private final LogCapture log = new LogCapture();

  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE);
  private final PreviousSecretUse use = new PreviousSecretUse(clock::get);

  @Test
  void isTheAddressAtTheFirstCall() {
    use.record(peer("10.0.0.1"));

    assertLog("The previous secret is still in use, by 10.0.0.1");
  }

  @Test
  void isNothingMoreForAMinuteAndThenAllAddressesAndNamesSince() {
    use.record(peer("10.0.0.1"));
    use.record("ada");
    clock.addAndGet(Duration.ofSeconds(59).toNanos());
    use.record(peer("10.0.0.2"));
    assertThat(log.problems()).hasSize(1);

    clock.addAndGet(Duration.ofSeconds(1).toNanos());
    use.record(peer("10.0.0.3"));
    assertLog(
        "The previous secret is still in use, by 10.0.0.1",
        "The previous secret is still in use, by 10.0.0.2, 10.0.0.3, ada");
  }

  @Test
  void isBounded() {
    use.record(null);
    for (int i = 0; i < 1000; i++) {
      use.record(peer("10.0.%d.%d".formatted(i / 250, i % 250)));
    }
    clock.addAndGet(Duration.ofMinutes(1).toNanos());
    use.record(null);

    assertThat(log.problems().get(1).getFormattedMessage().split(", ")).hasSizeLessThan(102);
  }

  private void assertLog(String... lines) {
    assertThat(log.problems())
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(lines);
  }

  private static InetSocketAddress peer(String address) {
    return new InetSocketAddress(address, 1234);
  }
}
