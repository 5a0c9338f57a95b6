package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.InetAddresses;
import dev.greeter.guard.fixture.FakeClock;
import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which bucket a caller has. */
class BucketsTest {

  private static final Duration TO_FILL = Duration.ofSeconds(5);

  private final FakeClock clock = new FakeClock();

  @Test
  void isOneForEachCaller() {
    var buckets = buckets(10);

    assertThat(buckets.of(peer("10.0.0.1")))
        .isSameAs(buckets.of(peer("10.0.0.1")))
        .isNotSameAs(buckets.of(peer("10.0.0.2")));
  }

  @Test
  void isSharedByTheCallersThatAreTooMany() {
    var buckets = buckets(2);
    Bucket first = buckets.of(peer("10.0.0.1"));
    Bucket second = buckets.of(peer("10.0.0.2"));

    Bucket shared = buckets.of(peer("10.0.0.3"));
    assertThat(shared).isNotIn(first, second).isSameAs(buckets.of(peer("10.0.0.4")));
    for (int i = 0; i < 1000; i++) {
      assertThat(buckets.of(peer("10.1.%d.%d".formatted(i / 250, i % 250)))).isSameAs(shared);
    }
    assertThat(buckets.of(peer("10.0.0.1"))).isSameAs(first);
    assertThat(buckets.of(peer("10.0.0.2"))).isSameAs(second);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 100})
  void areAsManyAsMayBeThoughCallersComeAtTheSameTime(int maxCallers) throws Exception {
    var buckets = buckets(maxCallers);
    int threads = 8;
    var start = new CountDownLatch(1);
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    Set<Bucket> seen = new HashSet<>();
    try {
      var results = new HashSet<Future<Set<Bucket>>>();
      for (int thread = 0; thread < threads; thread++) {
        String network = "10.0." + thread + ".";
        results.add(
            executor.submit(
                () -> {
                  start.await();
                  Set<Bucket> mine = new HashSet<>();
                  for (int i = 0; i < 200; i++) {
                    mine.add(buckets.of(peer(network + i)));
                  }
                  return mine;
                }));
      }
      start.countDown();
      for (var result : results) {
        seen.addAll(result.get());
      }
    } finally {
      executor.shutdownNow();
    }

    assertThat(seen).hasSize(maxCallers + 1);
  }

  @Test
  void isForgottenOnceItWouldBeFull() {
    var buckets = buckets(1);
    Bucket first = buckets.of(peer("10.0.0.1"));
    assertThat(first.tryConsume(10)).isTrue();
    clock.advance(TO_FILL);
    assertThat(first.getAvailableTokens()).isEqualTo(10);

    clock.advance(Duration.ofNanos(1));
    Bucket second = buckets.of(peer("10.0.0.2"));
    assertThat(second.tryConsume(10)).isTrue();

    assertThat(buckets.of(peer("10.0.0.1")))
        .isNotSameAs(first)
        .isSameAs(buckets.of(peer("10.0.0.3")));
  }

  @Test
  void isKeptAsLongAsItIsNotFull() {
    var buckets = buckets(1);
    Bucket first = buckets.of(peer("10.0.0.1"));
    assertThat(first.tryConsume(10)).isTrue();

    clock.advance(TO_FILL.minusNanos(1));
    assertThat(first.getAvailableTokens()).isEqualTo(9);
    assertThat(buckets.of(peer("10.0.0.2"))).isNotSameAs(first);
    assertThat(buckets.of(peer("10.0.0.1"))).isSameAs(first);
  }

  @Test
  void isKeptAsLongAsItIsInUse() {
    var buckets = buckets(1);
    Bucket first = buckets.of(peer("10.0.0.1"));
    for (int i = 0; i < 10; i++) {
      clock.advance(TO_FILL.dividedBy(2));
      assertThat(buckets.of(peer("10.0.0.1"))).isSameAs(first);
    }
  }

  /** Ten tokens, two of them a second. */
  private Buckets buckets(int maxCallers) {
    return new Buckets(2, Duration.ofSeconds(1), 10, maxCallers, clock);
  }

  private static Object peer(String address) {
    return InetAddresses.forString(address);
  }
}
