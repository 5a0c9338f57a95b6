package dev.greeter.lab.soak;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/** The results of the calls due in one or more seconds. */
final class Tally {

  private static final long MOST_MICROS = 20_000_000;

  private final Histogram micros = new Histogram(MOST_MICROS, 2);
  private final Map<String, Integer> failures = new TreeMap<>();
  private long asked;
  private long expected;

  synchronized void asked() {
    asked++;
  }

  /**
   * Counts an ended call.
   *
   * @param failure the kind of failure, or empty
   */
  synchronized void ended(long latencyNanos, String failure) {
    micros.recordValue(Math.min(latencyNanos / 1000, MOST_MICROS));
    if (!failure.isEmpty()) {
      failures.merge(failure, 1, Integer::sum);
    }
  }

  /** Counts a call that had to fail; it does not count against the service. */
  synchronized void failedAsExpected() {
    expected++;
  }

  synchronized void addTo(Tally sum) {
    sum.micros.add(micros);
    failures.forEach((failure, count) -> sum.failures.merge(failure, count, Integer::sum));
    sum.asked += asked;
    sum.expected += expected;
  }

  synchronized long asks() {
    return asked;
  }

  synchronized long answers() {
    return micros.getTotalCount() - failed();
  }

  /** Returns the number of calls that failed or stayed unanswered unexpectedly. */
  synchronized long missing() {
    return asked - answers() - expected;
  }

  private int failed() {
    return failures.values().stream().mapToInt(Integer::intValue).sum();
  }

  synchronized Map<String, Integer> failures() {
    return new TreeMap<>(failures);
  }

  synchronized long expected() {
    return expected;
  }

  synchronized String latency(String separator) {
    return Stream.of(50.0, 99.0, 99.9)
        .map(each -> "%.2f".formatted(micros.getValueAtPercentile(each) / 1000.0))
        .collect(Collectors.joining(separator));
  }

  synchronized String values() {
    return "%d,%d,%d,%d,%s".formatted(asked, answers(), failed(), expected, latency(","));
  }

  @Override
  public synchronized String toString() {
    return "%,d greetings were asked for, %,d answered, %d failed %s, %d had to fail"
        .formatted(asked, answers(), failed(), failures, expected);
  }
}
