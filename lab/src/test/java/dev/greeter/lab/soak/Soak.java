package dev.greeter.lab.soak;

import dev.greeter.lab.soak.Events.Action;
import dev.greeter.lab.soak.Report.Past;
import dev.greeter.lab.soak.Report.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Runs for a number of minutes, with an event in each, and writes a report. */
public final class Soak {

  private static final int CONVERSATIONS = 100;
  private static final int SECONDS_BETWEEN_SAMPLES = 5;

  /** The seconds in which the JVMs, mainly the clients', compile their code. */
  private static final int WARM_UP = 30;

  /** The seconds for a replica that recovers slowly. */
  private static final int LONGEST_EVENT = 300;

  /** Longer than any call. */
  private static final int SECONDS_TO_END = 8;

  private final Queue<Sample> samples = new ConcurrentLinkedQueue<>();
  private final List<Past> past = new ArrayList<>();
  private final int minutes;
  private final Ledger ledger;

  private Soak(int minutes) {
    this.minutes = minutes;
    this.ledger = new Ledger(minutes * 60 + LONGEST_EVENT);
  }

  /**
   * Runs, and exits with 1 if the goal is missed.
   *
   * @param arguments the minutes, the number of the first event (from 1), the maximum greetings per
   *     second, and the report's directory
   */
  public static void main(String[] arguments) throws Exception {
    var soak = new Soak(Integer.parseInt(arguments[0]));
    Path directory = Files.createTempDirectory("soak");
    Report report;
    try (var stage = new Stage(directory, soak.ledger)) {
      report =
          soak.run(stage, Integer.parseInt(arguments[1]) - 1, Double.parseDouble(arguments[2]));
    }
    Path out = Files.createDirectories(Path.of(arguments[3]));
    for (var table : report.tables().entrySet()) {
      Files.write(out.resolve(table.getKey()), table.getValue());
    }
    Files.writeString(out.resolve("report.md"), report.markdown());
    System.out.println(report.markdown());
    System.exit(report.problems().isEmpty() ? 0 : 1);
  }

  private Report run(Stage stage, int firstEvent, double most) throws Exception {
    var events = new Events(stage);
    List<Map.Entry<String, Action>> all = List.copyOf(events.all().entrySet());
    List<Conversation> conversations = new ArrayList<>();
    for (int i = 0; i < CONVERSATIONS; i++) {
      var client = stage.clients.get(i % stage.clients.size());
      conversations.add(
          new Conversation(client, i / stage.clients.size(), ledger, events::isEnding));
    }
    ScheduledExecutorService timer = Executors.newScheduledThreadPool(2);
    ledger.beginIn(WARM_UP);
    try (var load = new Load(stage.clients, most, WARM_UP)) {
      // Spread over the second, since they are separate clients.
      for (int i = 0; i < CONVERSATIONS; i++) {
        var unused =
            timer.scheduleAtFixedRate(
                conversations.get(i)::turn,
                1_000L * WARM_UP + 10L * i,
                1_000,
                TimeUnit.MILLISECONDS);
      }
      var unused =
          timer.scheduleAtFixedRate(
              () -> samples.addAll(look(stage)),
              WARM_UP,
              SECONDS_BETWEEN_SAMPLES,
              TimeUnit.SECONDS);
      for (int minute = 1; minute < minutes; minute++) {
        sleepUntil(60 * minute);
        var event = all.get((firstEvent + minute - 1) % all.size());
        happen(event.getKey(), event.getValue());
      }
      sleepUntil(60 * minutes);
    }
    // An event that does not end in time also counts, with its failures.
    int end = ledger.now();
    conversations.forEach(Conversation::close);
    TimeUnit.SECONDS.sleep(SECONDS_TO_END);
    timer.shutdown();
    stage.closeClients();
    List<Sample> leftOver = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      TimeUnit.SECONDS.sleep(2);
      leftOver.addAll(look(stage));
    }
    return new Report(ledger, past, List.copyOf(samples), leftOver, end);
  }

  private void sleepUntil(int second) throws InterruptedException {
    TimeUnit.SECONDS.sleep(Math.max(0, second - ledger.now()));
  }

  private void happen(String label, Action action) throws InterruptedException {
    int from = ledger.now();
    System.out.println(from + " s: " + label);
    String problem = "";
    try {
      action.happen();
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      problem = e.toString();
      System.out.println(problem);
    }
    past.add(new Past(label, from, ledger.now(), problem));
  }

  private List<Sample> look(Stage stage) {
    var seen = new ArrayList<Sample>();
    stage.replicas.forEach(
        (name, replica) -> {
          try {
            seen.add(new Sample(ledger.now(), name, replica.usage()));
          } catch (IOException | IllegalStateException e) {
            System.out.println(name + " cannot be looked at: " + e.getMessage());
          }
        });
    return seen;
  }
}
