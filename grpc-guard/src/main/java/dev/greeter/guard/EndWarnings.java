package dev.greeter.guard;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log which secrets end: a week, a day and an hour before, and when they have; each
 * once, and all that are due at the same time in one line.
 */
final class EndWarnings {

  private static final Logger log = LoggerFactory.getLogger(EndWarnings.class);

  private final InstantSource clock;
  private Map<Credential, Step> said = Map.of();

  /** The last first: of several that are due at once only that is said. */
  private enum Step {
    ENDED(Duration.ZERO, "have ended"),
    HOUR(Duration.ofHours(1), "end within an hour"),
    DAY(Duration.ofDays(1), "end within a day"),
    WEEK(Duration.ofDays(7), "end within a week");

    final Duration before;
    final String text;

    Step(Duration before, String text) {
      this.before = before;
      this.text = text;
    }
  }

  EndWarnings(InstantSource clock) {
    this.clock = clock;
  }

  /** Looks at all secrets that there are; what was said of others is forgotten. */
  void check(Credentials credentials) {
    Instant now = clock.instant();
    Map<Credential, Step> due = new HashMap<>();
    for (Credential credential : credentials.all()) {
      Step step = step(credential.until(), now);
      if (step != null) {
        due.put(credential, step);
      }
    }
    for (Step step : Step.values()) {
      Set<String> news = new TreeSet<>();
      due.forEach(
          (credential, reached) -> {
            if (reached == step && said.get(credential) != step) {
              news.add(credential.client() + " (" + credential.until() + ")");
            }
          });
      if (!news.isEmpty()) {
        log.warn("Secrets of clients that {}: {}", step.text, Credentials.some(news));
      }
    }
    said = due;
  }

  private static @Nullable Step step(@Nullable Instant until, Instant now) {
    if (until != null) {
      for (Step step : Step.values()) {
        if (!now.isBefore(until.minus(step.before))) {
          return step;
        }
      }
    }
    return null;
  }
}
