package dev.greeter.lab;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.greeter.lab.UnauthenticatedCallers.Action;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Attacks a container repeatedly. During each attack, the {@link ControlClient}s must be answered;
 * afterwards, the service must be alive and its log must have grown by only a few lines. Finally it
 * must stop in time, with the last attack's connections still open. Each attack is printed as a
 * table row.
 */
@SuppressWarnings("NullAway.Init") // start() runs first.
public final class AttackScenario
    implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback, AutoCloseable {

  /** By then, all data has arrived, and a starved client has noticed. */
  private static final long HOLD_MILLIS = 300;

  /** The grace period is 3 s for the service and 5 s for the container. */
  private static final double MOST_SECONDS_TO_STOP = 4;

  /** Some limits log one line per minute. */
  private static final int MOST_LINES = 3;

  /** Loggers with their own limits: the access log, and telemetry without its collector. */
  private static final Pattern LIMITED = Pattern.compile("guard\\.AccessLog|grpc\\.GrpcExporter");

  /** It is limited to twenty lines per second. */
  private static final int MOST_LINES_OF_ACCESS_LOG = 400;

  /** A part of all secrets and guesses, which no log may show. */
  private static final String MARKER = "marker";

  private static final ServerSocket SILENT_COLLECTOR = listen();

  private final Setup setup;
  private final String shell;
  private Path directory;
  private ServiceContainer service;
  private UnauthenticatedCallers callers;
  private int linesBefore;
  private String name = "";

  /** Creates a service's settings. */
  public interface Setup {
    /**
     * Returns environment variables.
     *
     * @param directory an empty directory that the service can read at the same path
     */
    Map<String, String> settings(Path directory) throws Exception;
  }

  /** The actions of misbehaving clients. */
  public interface Attack {
    /** Runs the attack; the callers' connections stay open until the next one. */
    void by(UnauthenticatedCallers callers) throws Exception;
  }

  /** Prepares a service. */
  public AttackScenario(Setup setup) {
    this(setup, "");
  }

  /**
   * Prepares a service.
   *
   * @param shell as for {@link ServiceContainer}
   */
  public AttackScenario(Setup setup, String shell) {
    this.setup = setup;
    this.shell = shell;
  }

  /**
   * Prepares a service with the default settings and a collector that never answers, which makes
   * the service buffer the most data.
   */
  public static AttackScenario withDefaults() {
    return new AttackScenario(
        directory ->
            Map.of(
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "http://127.0.0.1:" + SILENT_COLLECTOR.getLocalPort()));
  }

  private static ServerSocket listen() {
    try {
      return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts the service. */
  public AttackScenario start() throws Exception {
    directory = Files.createTempDirectory("attack");
    Map<String, String> settings = setup.settings(directory);
    service = new ServiceContainer(settings, ServiceContainer.mount(directory), shell);
    callers = new UnauthenticatedCallers(service);
    service.awaitStart();
    linesBefore = service.log().size();
    return this;
  }

  /** Returns the directory that the service can read. */
  public Path directory() {
    return directory;
  }

  /** Returns the service's port. */
  public int port() {
    return service.port();
  }

  /** Names the following attack in the table. */
  public AttackScenario named(String name) {
    this.name = name;
    return this;
  }

  /** Attacks over connections from one address and checks the service's promises. */
  public void withstands(int connections, Action action) throws Exception {
    withstands(callers -> callers.each(connections, action));
  }

  /** Attacks and checks the service's promises. */
  public void withstands(Attack attack) throws Exception {
    withstands(none -> {}, attack);
  }

  /**
   * Attacks and checks the service's promises.
   *
   * @param before an action before the control clients start
   */
  public void withstands(Attack before, Attack attack) throws Exception {
    callers.close();
    callers = new UnauthenticatedCallers(service);
    before.by(callers);
    List<ControlClient> clients = ControlClient.start(service);
    try {
      clients.get(0).awaitMore();
      attack.by(callers);
      Thread.sleep(HOLD_MILLIS);
      clients.forEach(ControlClient::awaitMore);
    } finally {
      for (ControlClient client : clients) {
        client.close();
      }
    }
    List<String> log = service.log();
    List<String> lines = log.subList(linesBefore, log.size());
    linesBefore = log.size();
    boolean alive = service.status().equals("running");
    System.out.printf(
        "| %s | %s | %s | %s | %s | %d | %s |%n",
        name,
        alive ? service.peakMemory() : "dead",
        clients.get(0),
        clients.get(1),
        clients.get(2),
        lines.size(),
        callers);
    check(alive, clients, lines);
  }

  private static void check(boolean alive, List<ControlClient> clients, List<String> lines) {
    SoftAssertions.assertSoftly(
        all -> {
          all.assertThat(alive).as("alive:\n%s", tail(lines)).isTrue();
          for (ControlClient client : clients) {
            all.assertThat(client.answered()).as("answered").isPositive();
            all.assertThat(client.failures()).as("failures, with how often").isEmpty();
          }
          all.assertThat(lines).as("lines of log").hasSizeLessThan(MOST_LINES_OF_ACCESS_LOG);
          all.assertThat(lines)
              .as("lines of log besides the access log")
              .filteredOn(line -> !LIMITED.matcher(line).find())
              .hasSizeLessThanOrEqualTo(MOST_LINES);
          all.assertThat(lines).as("stack traces").noneMatch(line -> line.startsWith("\t"));
          all.assertThat(lines).as("lines with a secret").noneMatch(line -> line.contains(MARKER));
        });
  }

  private static String tail(List<String> lines) {
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
  }

  /** Stops the service and checks that it stops in time. */
  @Override
  public void close() throws Exception {
    try (var stopped = service;
        var held = callers) {
      String fate = stopped.inspect("{{if .State.OOMKilled}}OOM-killed{{end}}");
      long start = System.nanoTime();
      int exitCode = stopped.stop();
      double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
      System.out.printf("| stop, %s | %.1f s, exit code %d %s |%n", held, seconds, exitCode, fate);
      SoftAssertions.assertSoftly(
          all -> {
            all.assertThat(fate).isEmpty();
            all.assertThat(exitCode).as("exit code").isEqualTo(143);
            all.assertThat(seconds).as("seconds to stop").isLessThan(MOST_SECONDS_TO_STOP);
          });
    } finally {
      MoreFiles.deleteRecursively(directory, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    start();
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    String method = context.getRequiredTestMethod().getName();
    named(method + context.getDisplayName().replace(method + "()", ""));
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    close();
  }
}
