package dev.greeter.service.soak;

import static dev.greeter.service.soak.Stage.CERTIFICATES;

import dev.greeter.service.attack.Raid;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

/** What goes wrong, or is changed, in a day. Each takes less than a minute. */
final class Events {

  /** Secrets and certificates hold within 10 s. */
  private static final int FOLLOWED = 12;

  private static final int A_WHILE = 20;

  private static final int NONE = -1;

  private final Stage stage;
  private int renewals;
  private volatile int ending = NONE;

  /** What happens. */
  interface Action {
    void happen() throws Exception;
  }

  /** An event that is about to happen. */
  record Event(String label, Action action) {}

  Events(Stage stage) {
    this.stage = stage;
  }

  /** Returns them in their order; without libfaketime no clock is set back. */
  List<Event> all() {
    var events =
        new ArrayList<>(
            List.of(
                new Event("secret changed", this::changeSecret),
                new Event("client revoked", this::revoke),
                new Event("certificates renewed", this::renewCertificates),
                new Event("replica stopped", () -> end("stop", "--time", "5")),
                new Event("replica killed", () -> end("kill")),
                new Event("replica paused", this::pause),
                new Event("collector gone", this::loseCollector),
                new Event("log disk full", this::fillDisk),
                new Event("clock back 1 h", this::setClockBack),
                new Event("attack", this::attack)));
    events.removeIf(event -> event.label().startsWith("clock") && !stage.hasFakeTime);
    return events;
  }

  /** Whether the replica on a port is being ended. */
  boolean isEnding(int port) {
    return port == ending;
  }

  private void changeSecret() throws Exception {
    String name = stage.changing.name();
    String secret = stage.clientsFile.add(name);
    seconds(FOLLOWED);
    stage.changing.use(secret);
    seconds(5);
    stage.clientsFile.removeOldest(name);
    seconds(FOLLOWED);
  }

  private void revoke() throws Exception {
    NamedClient client = stage.revoked;
    client.setRevoked(true);
    stage.clientsFile.removeOldest(client.name());
    seconds(FOLLOWED);
    List<Status.Code> codes = client.tryAll();
    client.setActive(false);
    require(
        codes.stream().allMatch(Status.Code.UNAUTHENTICATED::equals),
        "a revoked client gets " + codes);
    // Calls that are on the way.
    seconds(5);
    client.use(stage.clientsFile.add(client.name()));
    seconds(FOLLOWED);
    client.setRevoked(false);
    client.setActive(true);
  }

  /** Clients keep their connections; a new one has to meet the new certificate. */
  private void renewCertificates() throws Exception {
    String certificate = CERTIFICATES.get(++renewals % CERTIFICATES.size());
    for (String kind : List.of(".key", ".pem")) {
      stage.certificates.replace("used" + kind, certificate + kind);
    }
    seconds(FOLLOWED);
    ManagedChannel channel = stage.tls(certificate + ".pem");
    try {
      Status.Code code = NamedClient.greetOnce(channel);
      // Without a secret: the handshake is what counts.
      require(code == Status.Code.UNAUTHENTICATED, "with the new certificate: " + code);
    } finally {
      channel.shutdownNow();
    }
  }

  private void end(String... how) throws IOException, InterruptedException {
    ending = stage.first.port();
    stage.first.command(how);
    seconds(5);
    requireStatus("exited");
    stage.first.command("start");
    stage.first.awaitHealthy();
    seconds(5);
    ending = NONE;
  }

  private void pause() throws IOException, InterruptedException {
    stage.first.command("pause");
    seconds(A_WHILE);
    requireStatus("paused");
    stage.first.command("unpause");
    seconds(5);
    stage.first.awaitHealthy();
  }

  private void loseCollector() throws IOException, InterruptedException {
    int before = stage.collector.received();
    stage.collector.close();
    seconds(A_WHILE);
    int gone = stage.collector.received();
    stage.collector.comeBack();
    seconds(A_WHILE);
    int after = stage.collector.received();
    require(
        before > 0 && after > gone, "the collector got %d, %d, %d".formatted(before, gone, after));
  }

  private void fillDisk() throws IOException, InterruptedException {
    var unused = stage.second.script("dd if=/dev/zero of=/logs/full bs=4k");
    for (int second = 0; second < A_WHILE; second++) {
      Raid.guess(stage.second.port(), 20);
      seconds(1);
    }
    String left = stage.second.script("df --output=avail /logs | tail -n 1").strip();
    unused = stage.second.script("rm /logs/full; : >/logs/out");
    require(left.equals("0"), "the disk has " + left + " KB left");
    String line = lastLogged();
    require(!line.isEmpty(), "the log does not go on");
  }

  /** The log tells which time it is in the service. */
  private void setClockBack() throws IOException, InterruptedException {
    stage.setClock("-1h");
    seconds(A_WHILE);
    String time = lastLogged().split(" ")[0];
    stage.setClock("+0");
    seconds(5);
    Duration behind = Duration.between(OffsetDateTime.parse(time), OffsetDateTime.now());
    require(behind.toMinutes() > 55, "the service's clock is back by " + behind);
  }

  /** Has calls refused, and returns what the log says of the last of them. */
  private String lastLogged() throws IOException, InterruptedException {
    seconds(2);
    Raid.guess(stage.second.port(), 5);
    seconds(1);
    return stage.second.script("grep UNAUTHENTICATED /logs/out | tail -n 1");
  }

  private void attack() throws IOException, InterruptedException {
    Raid.on(stage.first.port(), Duration.ofSeconds(A_WHILE));
  }

  private void requireStatus(String wanted) throws IOException {
    String status = stage.first.status();
    require(status.equals(wanted), "the replica is " + status + ", not " + wanted);
  }

  private static void seconds(int seconds) throws InterruptedException {
    Thread.sleep(Duration.ofSeconds(seconds).toMillis());
  }

  private static void require(boolean right, String otherwise) {
    if (!right) {
      throw new IllegalStateException(otherwise);
    }
  }
}
