package dev.greeter.service.soak;

import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/** What became of the calls that were due in one second, or in several. */
final class Second {

  private static final long MOST_MICROS = 20_000_000;

  private final Histogram micros = new Histogram(MOST_MICROS, 2);
  private final Map<String, Integer> failures = new TreeMap<>();
  private long asked;
  private long ok;
  private long expected;

  synchronized void asked() {
    asked++;
  }

  /**
   * Counts a call that has ended.
   *
   * @param failure its kind, or nothing
   * @param mustFail whether it had to end that way, and is no measure of the service
   */
  synchronized void ended(long latencyNanos, String failure, boolean mustFail) {
    if (mustFail) {
      expected++;
      return;
    }
    micros.recordValue(Math.min(latencyNanos / 1000, MOST_MICROS));
    if (failure.isEmpty()) {
      ok++;
    } else {
      failures.merge(failure, 1, Integer::sum);
    }
  }

  /** Adds this to another. */
  synchronized void addTo(Second sum) {
    sum.micros.add(micros);
    failures.forEach((failure, count) -> sum.failures.merge(failure, count, Integer::sum));
    sum.asked += asked;
    sum.ok += ok;
    sum.expected += expected;
  }

  synchronized long asks() {
    return asked;
  }

  synchronized long answers() {
    return ok;
  }

  /** Returns how many failed that should not have. */
  synchronized int failed() {
    return failures.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Returns the kinds of failure, with how often. */
  synchronized Map<String, Integer> failures() {
    return Map.copyOf(failures);
  }

  /** Returns how many failed that had to. */
  synchronized long expected() {
    return expected;
  }

  /** Returns a percentile of the latency in milliseconds, or 0 if there is none. */
  synchronized double millis(double percentile) {
    return micros.getTotalCount() == 0 ? 0 : micros.getValueAtPercentile(percentile) / 1000.0;
  }
}
