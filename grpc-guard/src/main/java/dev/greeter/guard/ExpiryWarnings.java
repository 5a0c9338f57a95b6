package dev.greeter.guard;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs when secrets or certificates expire: a week, a day and an hour before, and when they have
 * expired. Each warning is logged once; all due at the same time share a line.
 */
public final class ExpiryWarnings {

  private static final Logger log = LoggerFactory.getLogger(ExpiryWarnings.class);

  private static final int MAX_LISTED = 10;

  private final String title;
  private final InstantSource clock;
  private Map<String, Step> said = Map.of();

  /** The latest first: of several that are due, only that one is logged. */
  private enum Step {
    ENDED(Duration.ZERO, "Expired %s"),
    HOUR(Duration.ofHours(1), "These %s expire within an hour"),
    DAY(Duration.ofDays(1), "These %s expire within a day"),
    WEEK(Duration.ofDays(7), "These %s expire within a week");

    final Duration before;
    final String text;

    Step(Duration before, String text) {
      this.before = before;
      this.text = text;
    }
  }

  /**
   * Creates warnings that have logged nothing yet.
   *
   * @param title what expires, in the plural, such as {@code certificates}
   * @param clock the time that expiries are compared with
   */
  public ExpiryWarnings(String title, InstantSource clock) {
    this.title = title;
    this.clock = clock;
  }

  /**
   * Logs the warnings that became due since the last check.
   *
   * @param ends all expiries by their label in the log; others are forgotten
   */
  public void check(Map<String, Instant> ends) {
    Instant now = clock.instant();
    Map<String, Step> due = new TreeMap<>();
    ends.forEach(
        (label, end) ->
            Stream.of(Step.values())
                .filter(step -> !now.isBefore(end.minus(step.before)))
                .findFirst()
                .ifPresent(step -> due.put(label, step)));
    for (Step step : Step.values()) {
      List<String> news =
          due.keySet().stream().filter(l -> due.get(l) == step && said.get(l) != step).toList();
      if (!news.isEmpty()) {
        int more = news.size() - MAX_LISTED;
        String listed = news.stream().limit(MAX_LISTED).collect(Collectors.joining(", "));
        String rest = more > 0 ? " and %d more".formatted(more) : "";
        log.warn("{}: {}{}", step.text.formatted(title), listed, rest);
      }
    }
    said = due;
  }
}
