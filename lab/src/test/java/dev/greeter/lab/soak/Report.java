package dev.greeter.lab.soak;

import dev.greeter.lab.ServiceContainer.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The result of a run: Markdown, CSV tables, and missed goals. */
final class Report {

  private static final int BESIDE = 20;

  /** The time until a JVM has used most of its heap. */
  private static final int SECONDS_UNTIL_LEVEL = 600;

  private static final double LEVEL = 1.1;

  private final Ledger ledger;
  private final List<Past> events;
  private final List<Sample> samples;
  private final List<Sample> leftOver;
  private final int end;

  /** A past event; the problem is empty on success. */
  record Past(String label, int from, int to, String problem) {}

  record Sample(int second, String replica, Usage usage) {}

  /**
   * Creates the report of a run.
   *
   * @param leftOver the samples without clients
   * @param end the second after the last one
   */
  Report(Ledger ledger, List<Past> events, List<Sample> samples, List<Sample> leftOver, int end) {
    this.ledger = ledger;
    this.events = events;
    this.samples = samples;
    this.leftOver = leftOver;
    this.end = end;
  }

  List<String> problems() {
    var problems = new ArrayList<String>();
    Tally all = ledger.between(0, end);
    if (all.missing() > 0) {
      problems.add(
          "%d calls failed: %s, such as: %s"
              .formatted(all.missing(), all.failures(), ledger.explanations));
    }
    if (ledger.lost.get() > 0) {
      problems.add(ledger.lost + " answers were lost in conversations");
    }
    for (Past event : events) {
      if (!event.problem().isEmpty()) {
        problems.add(event.label() + ": " + event.problem());
      }
    }
    for (String replica : replicas()) {
      double left = median(leftOver, replica, 0, Integer.MAX_VALUE, Usage::connections);
      if (left > 0) {
        problems.add("%s has %.0f connections left over".formatted(replica, left));
      }
      if (end >= SECONDS_UNTIL_LEVEL) {
        level(problems, replica, "memory", Usage::mebibytes);
        level(problems, replica, "threads", Usage::threads);
        level(problems, replica, "descriptors", Usage::descriptors);
      }
    }
    return problems;
  }

  /** The end must be like the first half: an ended replica restarts in between. */
  private void level(
      List<String> problems, String replica, String what, ToDoubleFunction<Usage> value) {
    int tenth = end / 10;
    double most = 0;
    for (int from = 0; from < end / 2; from += tenth) {
      most = Math.max(most, median(samples, replica, from, from + tenth, value));
    }
    double last = median(samples, replica, end - tenth, end, value);
    if (last > LEVEL * most) {
      problems.add("%s: %s has grown from %.0f to %.0f".formatted(replica, what, most, last));
    }
  }

  String markdown() {
    var lines = new ArrayList<String>();
    Tally all = ledger.between(0, end);
    lines.add("In %d s: %s; %s ms at p50 / p99 / p99.9.".formatted(end, all, all.latency(" / ")));
    lines.add("Before that, while the JVMs warmed up: " + ledger.warmUp + ".");
    lines.add(
        ("Conversations: %s names said, %s welcomed, %s lost with the replica that was ended,"
                + " %s lost otherwise, the rest refused; ended: %s.")
            .formatted(
                ledger.said,
                ledger.welcomed,
                ledger.lostWithReplica,
                ledger.lost,
                new TreeMap<>(ledger.endings)));
    lines.add("");
    lines.add(
        "| event | at s | calls | failed | had to | before: p50 / p99 / p99.9 ms | during | after |");
    lines.add("|---|---|---|---|---|---|---|---|");
    for (Past event : events) {
      Tally during = ledger.between(event.from(), event.to());
      lines.add(
          row(
              event.label(),
              event.from() + " - " + event.to(),
              during.asks(),
              during.failures(),
              during.expected(),
              ledger.between(event.from() - BESIDE, event.from()).latency(" / "),
              during.latency(" / "),
              ledger.between(event.to(), Math.min(end, event.to() + BESIDE)).latency(" / ")));
    }
    lines.add("");
    lines.add(
        "| replica, at the start / in the middle / at the end / without clients | memory, MiB"
            + " | threads | descriptors | connections |");
    lines.add("|---|---|---|---|---|");
    for (String replica : replicas()) {
      lines.add(
          row(
              replica,
              course(replica, Usage::mebibytes),
              course(replica, Usage::threads),
              course(replica, Usage::descriptors),
              course(replica, Usage::connections)));
    }
    lines.add("");
    List<String> problems = problems();
    lines.add(problems.isEmpty() ? "The goal is reached." : "The goal is missed:");
    problems.forEach(problem -> lines.add("- " + problem));
    return String.join("\n", lines) + "\n";
  }

  private static String row(Object... cells) {
    return Stream.of(cells).map(String::valueOf).collect(Collectors.joining(" | ", "| ", " |"));
  }

  /** Medians of each tenth of the time: health checks use memory at times. */
  private String course(String replica, ToDoubleFunction<Usage> value) {
    int tenth = end / 10;
    return "%.0f / %.0f / %.0f / %.0f"
        .formatted(
            median(samples, replica, 0, tenth, value),
            median(samples, replica, end / 2 - tenth / 2, end / 2 + tenth / 2, value),
            median(samples, replica, end - tenth, end, value),
            median(leftOver, replica, 0, Integer.MAX_VALUE, value));
  }

  private static double median(
      List<Sample> samples, String replica, int from, int to, ToDoubleFunction<Usage> value) {
    double[] sorted =
        samples.stream()
            .filter(sample -> sample.replica().equals(replica))
            .filter(sample -> sample.second() >= from && sample.second() < to)
            .map(Sample::usage)
            .mapToDouble(value)
            .sorted()
            .toArray();
    return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
  }

  private List<String> replicas() {
    return samples.stream().map(Sample::replica).distinct().toList();
  }

  Map<String, List<String>> tables() {
    var seconds = new ArrayList<>(List.of("second,asked,answered,failed,had_to_fail,p50,p99,p999"));
    for (int second = 0; second < end; second++) {
      seconds.add(second + "," + ledger.at(second).values());
    }
    var past = new ArrayList<>(List.of("label,from,to"));
    events.forEach(event -> past.add(event.label() + "," + event.from() + "," + event.to()));
    var usages =
        new ArrayList<>(List.of("second,replica,mebibytes,threads,descriptors,connections"));
    for (Sample sample : samples) {
      Usage usage = sample.usage();
      usages.add(
          "%d,%s,%.1f,%d,%d,%d"
              .formatted(
                  sample.second(),
                  sample.replica(),
                  usage.mebibytes(),
                  usage.threads(),
                  usage.descriptors(),
                  usage.connections()));
    }
    return Map.of("seconds.csv", seconds, "events.csv", past, "samples.csv", usages);
  }
}
