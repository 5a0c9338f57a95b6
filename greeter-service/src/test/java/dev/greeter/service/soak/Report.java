package dev.greeter.service.soak;

import dev.greeter.service.soak.Replica.Sample;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a run has come to: Markdown, tables of comma-separated values, and what missed the goal. */
final class Report {

  /** Seconds before and after an event that are compared with it. */
  private static final int BESIDE = 20;

  /** A JVM takes that long to have seen the most of its heap. */
  private static final int SECONDS_UNTIL_LEVEL = 600;

  private static final double LEVEL = 1.1;

  private final Ledger ledger;
  private final List<Past> events;
  private final List<Sample> samples;
  private final List<Sample> leftOver;
  private final int end;

  /** An event that has happened; the problem is empty if it went as it should. */
  record Past(String label, int from, int to, String problem) {}

  /**
   * Takes what a run has brought together.
   *
   * @param leftOver samples without any client
   * @param end the second after the last
   */
  Report(Ledger ledger, List<Past> events, List<Sample> samples, List<Sample> leftOver, int end) {
    this.ledger = ledger;
    this.events = events;
    this.samples = samples;
    this.leftOver = leftOver;
    this.end = end;
  }

  /** Returns what missed the goal; nothing if all is well. */
  List<String> problems() {
    var problems = new ArrayList<String>();
    Second all = ledger.between(0, end);
    long failed = all.asks() - all.answers() - all.expected();
    if (failed > 0) {
      problems.add(
          failed + " calls failed: " + all.failures() + ", such as: " + ledger.explanations());
    }
    if (ledger.lost.get() > 0) {
      problems.add(ledger.lost + " answers were lost in conversations");
    }
    events.stream()
        .filter(event -> !event.problem().isEmpty())
        .forEach(event -> problems.add(event.label() + ": " + event.problem()));
    for (String replica : replicas()) {
      double left = median(leftOver, replica, 0, Integer.MAX_VALUE, Sample::connections);
      if (left > 0) {
        problems.add("%s has %.0f connections left over".formatted(replica, left));
      }
    }
    if (end >= SECONDS_UNTIL_LEVEL) {
      for (String replica : replicas()) {
        level(problems, replica, "memory", Sample::mebibytes);
        level(problems, replica, "threads", Sample::threads);
        level(problems, replica, "descriptors", Sample::descriptors);
      }
    }
    return problems;
  }

  /** The end has to be like what the first half had: an ended replica begins anew in between. */
  private void level(
      List<String> problems, String replica, String what, ToDoubleFunction<Sample> value) {
    double most = 0;
    for (int from = 0; from < end / 2; from += end / 10) {
      most = Math.max(most, median(samples, replica, from, from + end / 10, value));
    }
    double last = median(samples, replica, end - end / 10, end, value);
    if (last > LEVEL * most) {
      problems.add("%s: %s has grown from %.0f to %.0f".formatted(replica, what, most, last));
    }
  }

  /** Returns the report as Markdown. */
  String markdown() {
    var lines = new ArrayList<String>();
    Second all = ledger.between(0, end);
    lines.add(
        "%,d greetings were asked for in %d s: %,d answered, %d failed %s, %d had to fail."
            .formatted(
                all.asks(), end, all.answers(), all.failed(), all.failures(), all.expected()));
    Second warmUp = ledger.warmUp();
    lines.add(
        "Before that, while the JVMs warmed up, %,d, of which %d failed %s."
            .formatted(warmUp.asks(), warmUp.failed(), warmUp.failures()));
    lines.add("Latency: %s ms at p50 / p99 / p99.9.".formatted(latency(all)));
    lines.add(
        ("Conversations: %,d names said, %,d welcomed, %d lost with the replica that was ended,"
                + " %d lost otherwise, the rest refused; ended: %s.")
            .formatted(
                ledger.said.get(),
                ledger.welcomed.get(),
                ledger.lostWithReplica.get(),
                ledger.lost.get(),
                ledger.endings()));
    lines.add("");
    lines.add(
        "| event | at s | calls | failed | had to | before: p50 / p99 / p99.9 ms | during | after |");
    lines.add("|---|---|---|---|---|---|---|---|");
    for (Past event : events) {
      Second during = ledger.between(event.from(), event.to());
      lines.add(
          "| %s | %d - %d | %,d | %d %s | %d | %s | %s | %s |"
              .formatted(
                  event.label(),
                  event.from(),
                  event.to(),
                  during.asks(),
                  during.failed(),
                  during.failures(),
                  during.expected(),
                  latency(ledger.between(event.from() - BESIDE, event.from())),
                  latency(during),
                  latency(ledger.between(event.to(), Math.min(end, event.to() + BESIDE)))));
    }
    lines.add("");
    lines.add(
        "| replica, at the start / in the middle / at the end / without clients | memory, MiB"
            + " | threads | descriptors | connections |");
    lines.add("|---|---|---|---|---|");
    for (String replica : replicas()) {
      lines.add(
          "| %s | %s | %s | %s | %s |"
              .formatted(
                  replica,
                  course(replica, Sample::mebibytes),
                  course(replica, Sample::threads),
                  course(replica, Sample::descriptors),
                  course(replica, Sample::connections)));
    }
    lines.add("");
    List<String> problems = problems();
    lines.add(problems.isEmpty() ? "The goal is reached." : "The goal is missed:");
    problems.forEach(problem -> lines.add("- " + problem));
    return String.join("\n", lines) + "\n";
  }

  private static String latency(Second second) {
    return Stream.of(50.0, 99.0, 99.9)
        .map(percentile -> "%.1f".formatted(second.millis(percentile)))
        .collect(Collectors.joining(" / "));
  }

  /** Medians of a tenth of the time each: an image's own check takes memory now and then. */
  private String course(String replica, ToDoubleFunction<Sample> value) {
    int tenth = end / 10;
    return "%.0f / %.0f / %.0f / %.0f"
        .formatted(
            median(samples, replica, 0, tenth, value),
            median(samples, replica, end / 2 - tenth / 2, end / 2 + tenth / 2, value),
            median(samples, replica, end - tenth, end, value),
            median(leftOver, replica, 0, Integer.MAX_VALUE, value));
  }

  private static double median(
      List<Sample> samples, String replica, int from, int to, ToDoubleFunction<Sample> value) {
    double[] sorted =
        samples.stream()
            .filter(sample -> sample.replica().equals(replica))
            .filter(sample -> sample.second() >= from && sample.second() < to)
            .mapToDouble(value)
            .sorted()
            .toArray();
    return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
  }

  private List<String> replicas() {
    return samples.stream().map(Sample::replica).distinct().toList();
  }

  List<String> secondsTable() {
    var rows = new ArrayList<>(List.of("second,asked,answered,failed,had_to_fail,p50,p99,p999"));
    for (int second = 0; second < end; second++) {
      Second one = ledger.at(second);
      rows.add(
          "%d,%d,%d,%d,%d,%.2f,%.2f,%.2f"
              .formatted(
                  second,
                  one.asks(),
                  one.answers(),
                  one.failed(),
                  one.expected(),
                  one.millis(50),
                  one.millis(99),
                  one.millis(99.9)));
    }
    return rows;
  }

  List<String> eventsTable() {
    return table(
        "label,from,to",
        events.stream().map(past -> past.label() + "," + past.from() + "," + past.to()).toList());
  }

  List<String> samplesTable() {
    return table(
        "second,replica,mebibytes,threads,descriptors,connections",
        samples.stream()
            .map(
                sample ->
                    "%d,%s,%.1f,%d,%d,%d"
                        .formatted(
                            sample.second(),
                            sample.replica(),
                            sample.mebibytes(),
                            sample.threads(),
                            sample.descriptors(),
                            sample.connections()))
            .toList());
  }

  private static List<String> table(String head, Collection<String> rows) {
    return Stream.concat(Stream.of(head), rows.stream()).toList();
  }
}
