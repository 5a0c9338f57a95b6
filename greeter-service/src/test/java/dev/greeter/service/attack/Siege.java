package dev.greeter.service.attack;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.SoftAssertions;

/**
 * One attack on a service of its own. While it lasts others ask for greetings, over an old
 * connection and over new ones, and for the service's health; then the service is stopped while the
 * attackers are still there. What came of it is printed as a row of a table, and checked.
 */
public final class Siege {

  /** What is sent has arrived by then, and whoever is starved has noticed. */
  private static final long HOLD_MILLIS = 1_000;

  /** An attack that the service has brought to a halt is not waited for. */
  private static final long MOST_MILLIS = 15_000;

  static final String TELEMETRY = "OTEL_EXPORTER_OTLP_ENDPOINT";

  /** The service's grace period is 3 s, the container's 5 s. */
  private static final double MOST_SECONDS_TO_STOP = 4;

  private static final int MOST_LINES = 50;

  /** It has twenty a second. */
  private static final int MOST_LINES_OF_ACCESS_LOG = 400;

  /** What secrets and guesses have in them that are not to be seen. */
  private static final String MARKER = "marker";

  /** What strangers do. */
  public interface Attack {
    /** Does it. */
    void by(Strangers strangers) throws Exception;
  }

  private Siege() {}

  /**
   * Attacks a service that has its default settings, but for telemetry: with a collector that never
   * answers it keeps the most.
   */
  static void withstands(String name, Attack attack) throws Exception {
    try (var collector = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String url = "http://127.0.0.1:" + collector.getLocalPort();
      withstands(name, Map.of(TELEMETRY, url), attack);
    }
  }

  /**
   * Attacks a service.
   *
   * @param name of the attack, in the table
   * @param settings environment variables of the service
   * @param mounted directories of this machine that the service can read
   */
  public static void withstands(
      String name, Map<String, String> settings, Attack attack, Path... mounted) throws Exception {
    withstands(name, settings, strangers -> {}, attack, mounted);
  }

  /**
   * Attacks a service.
   *
   * @param before what is done before there is anybody else
   */
  static void withstands(
      String name, Map<String, String> settings, Attack before, Attack attack, Path... mounted)
      throws Exception {
    try (var service = AttackedService.asShipped(settings, mounted);
        var strangers = new Strangers(service.port(), service.hasTls())) {
      ServiceProcess process = service.process();
      int linesBefore = process.log().size();
      String end;
      boolean alive;
      String memory;
      before.by(strangers);
      var old = Bystander.greeted(service::channel);
      var newly = Bystander.newlyGreeted(service::channel);
      var probe = Bystander.probe(service::channel);
      try (old;
          newly;
          probe) {
        List.of(old, newly, probe).forEach(Bystander::awaitMore);
        end = run(attack, strangers);
        Thread.sleep(HOLD_MILLIS);
        List.of(old, newly, probe).forEach(Bystander::awaitMore);
        alive = process.isAlive();
        memory = alive ? process.peakMemory() : "unknown";
      }
      long start = System.nanoTime();
      int exitCode = process.stop();
      double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
      List<String> lines = process.log();
      lines = lines.subList(linesBefore, lines.size());
      System.out.printf(
          "| %s | %s | %s | %s | %s | %d | %.1f s | %d%s | %s%s |%n",
          name,
          memory,
          old,
          newly,
          probe,
          lines.size(),
          seconds,
          exitCode,
          alive ? "" : ", by itself " + process.fate(),
          strangers,
          end);
      check(alive, List.of(old, newly, probe), lines, seconds, exitCode, process.fate());
    }
  }

  private static String run(Attack attack, Strangers strangers) throws InterruptedException {
    var end = new String[] {", still at it"};
    var attacker =
        new Thread(
            () -> {
              try {
                attack.by(strangers);
                end[0] = "";
              } catch (Exception e) {
                end[0] = ", then " + e;
              }
            },
            "attacker");
    attacker.setDaemon(true);
    attacker.start();
    attacker.join(MOST_MILLIS);
    attacker.interrupt();
    return end[0];
  }

  private static void check(
      boolean alive,
      List<Bystander> bystanders,
      List<String> lines,
      double seconds,
      int exitCode,
      String fate) {
    SoftAssertions.assertSoftly(
        all -> {
          all.assertThat(alive).as("alive until it is stopped:\n%s", tail(lines)).isTrue();
          all.assertThat(fate).isEmpty();
          for (var bystander : bystanders) {
            all.assertThat(bystander.answered()).as("answered").isPositive();
            all.assertThat(bystander.failures()).as("failures, with how often").isEmpty();
          }
          all.assertThat(lines).as("lines of log").hasSizeLessThan(MOST_LINES_OF_ACCESS_LOG);
          all.assertThat(lines)
              .as("lines of log beside the access log")
              .filteredOn(line -> !line.contains("guard.AccessLog"))
              .hasSizeLessThan(MOST_LINES);
          all.assertThat(lines.stream().filter(line -> line.startsWith("\t")).count())
              .as("lines of stack traces")
              .isZero();
          all.assertThat(lines).as("lines with a secret").noneMatch(line -> line.contains(MARKER));
          all.assertThat(exitCode).as("exit code").isEqualTo(143);
          all.assertThat(seconds).as("seconds to stop").isLessThan(MOST_SECONDS_TO_STOP);
        });
  }

  private static String tail(List<String> lines) {
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
  }
}
