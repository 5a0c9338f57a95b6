package dev.greeter.lab.soak;

import static dev.greeter.lab.Http2Frames.WATCH;
import static dev.greeter.lab.Http2Frames.rapidResets;
import static dev.greeter.lab.soak.Stage.CERTIFICATES;

import dev.greeter.lab.Http2Peer;
import dev.greeter.lab.UnauthenticatedCallers;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Failures and changes of a day. Each takes less than a minute. */
final class Events {

  /** Changed secrets and certificates take effect within 10 s. */
  private static final int FOLLOWED = 12;

  private static final int A_WHILE = 20;

  private static final int NONE = -1;

  private final Stage stage;
  private int renewals;
  private volatile int ending = NONE;

  interface Action {
    void happen() throws Exception;
  }

  Events(Stage stage) {
    this.stage = stage;
  }

  /** Returns the events in order; without libfaketime, no clock is set back. */
  Map<String, Action> all() {
    var events = new LinkedHashMap<String, Action>();
    events.put("secret changed", this::changeSecret);
    events.put("client revoked", this::revoke);
    events.put("certificates renewed", this::renewCertificates);
    events.put("replica stopped", () -> end("stop", "--time", "5"));
    events.put("replica killed", () -> end("kill"));
    events.put("replica paused", this::pause);
    events.put("collector gone", this::loseCollector);
    events.put("log disk full", this::fillDisk);
    if (stage.hasFakeTime) {
      events.put("clock back 1 h", this::setClockBack);
    }
    events.put("attack", this::attack);
    return events;
  }

  boolean isEnding(int port) {
    return port == ending;
  }

  private void changeSecret() throws Exception {
    NamedClient client = stage.client("changing");
    String secret = stage.clientsFile.add(client.name);
    seconds(FOLLOWED);
    client.use(secret);
    seconds(5);
    stage.clientsFile.removeOldest(client.name);
    seconds(FOLLOWED);
  }

  private void revoke() throws Exception {
    NamedClient client = stage.client("revoked");
    client.revoked = true;
    stage.clientsFile.removeOldest(client.name);
    seconds(FOLLOWED);
    List<Status.Code> codes = client.tryAll();
    client.active = false;
    require(
        codes.stream().allMatch(Status.Code.UNAUTHENTICATED::equals),
        "a revoked client gets " + codes);
    // Wait for calls in flight.
    seconds(5);
    client.use(stage.clientsFile.add(client.name));
    seconds(FOLLOWED);
    client.revoked = false;
    client.active = true;
  }

  /** Clients keep their connections; a new one must receive the new certificate. */
  private void renewCertificates() throws Exception {
    String certificate = CERTIFICATES.get(++renewals % CERTIFICATES.size());
    for (String kind : List.of(".key", ".pem")) {
      stage.certificates.replace("used" + kind, certificate + kind);
    }
    seconds(FOLLOWED);
    ManagedChannel channel = stage.tls(certificate + ".pem");
    try {
      Status.Code code = NamedClient.greetOnce(channel);
      // Without a secret: only the handshake matters.
      require(code == Status.Code.UNAUTHENTICATED, "with the new certificate: " + code);
    } finally {
      channel.shutdownNow();
    }
  }

  private void end(String... how) throws InterruptedException {
    ending = stage.first.port();
    stage.first.command(how);
    seconds(5);
    requireStatus("exited");
    stage.first.command("start");
    stage.first.awaitStart();
    seconds(5);
    ending = NONE;
  }

  private void pause() throws InterruptedException {
    stage.first.command("pause");
    seconds(A_WHILE);
    requireStatus("paused");
    stage.first.command("unpause");
    seconds(5);
    stage.first.awaitStart();
  }

  private void loseCollector() throws Exception {
    int before = stage.collector.exports();
    stage.collector.close();
    seconds(A_WHILE);
    int gone = stage.collector.exports();
    stage.collector.comeBack();
    seconds(A_WHILE);
    int after = stage.collector.exports();
    require(
        before > 0 && after > gone, "the collector got %d, %d, %d".formatted(before, gone, after));
  }

  private void fillDisk() throws Exception {
    // It fails when the disk is full.
    var unused = stage.second.script("dd if=/dev/zero of=/logs/full bs=4k; true");
    for (int second = 0; second < A_WHILE; second++) {
      guess(20);
      seconds(1);
    }
    String left = stage.second.script("df --output=avail /logs | tail -n 1");
    unused = stage.second.script("rm /logs/full; : >/logs/out");
    require(left.strip().equals("0"), "the disk has " + left + " KB left");
    require(!lastLogged().isEmpty(), "the log does not go on");
  }

  private void setClockBack() throws Exception {
    stage.setClock("-1h");
    seconds(A_WHILE);
    String time = lastLogged().split(" ")[0];
    stage.setClock("+0");
    seconds(5);
    Duration behind = Duration.between(OffsetDateTime.parse(time), OffsetDateTime.now());
    require(behind.toMinutes() > 55, "the service's clock is back by " + behind);
  }

  private String lastLogged() throws Exception {
    seconds(2);
    guess(20);
    seconds(1);
    return stage.second.script("grep UNAUTHENTICATED /logs/out | tail -n 1");
  }

  /** Several attacks at once: idle connections, watches, rapid resets. */
  private void attack() throws Exception {
    byte[] resets = rapidResets(10_000);
    try (var callers = new UnauthenticatedCallers(stage.first)) {
      callers.each(200, 50, peer -> {});
      callers.each(100, peer -> peer.calls(100, stream -> peer.ask(stream, WATCH, "")));
      for (int second = 0; second < A_WHILE; second++) {
        callers.each(1, peer -> peer.flood(1, resets));
        seconds(1);
      }
    }
  }

  private void guess(int guesses) throws Exception {
    try (var peer = Http2Peer.connect(stage.second.port())) {
      var unused = peer.guess(guesses, () -> "guess");
    }
  }

  private void requireStatus(String expected) {
    String status = stage.first.status();
    require(status.equals(expected), "the replica is " + status + ", not " + expected);
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
