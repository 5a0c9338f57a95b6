package dev.greeter.guard;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.ManualTimer;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.inprocess.InProcessSocketAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which connections are admitted, which give way to them, and which are closed when idle. */
class ConnectionLimiterTest {

  @RegisterExtension private final LogCapture log = new LogCapture();

  private final ManualTimer timer = new ManualTimer();
  private ConnectionLimiter peers = new ConnectionLimiter(5, 4, 3, 2);

  /**
   * Each letter is a newcomer from an address, a hyphen one from none; a capital has authenticated
   * at once. In the end a dot has given way, and an exclamation mark was refused.
   */
  @ParameterizedTest
  @CsvSource({
    "baaa, b.aa, the oldest unauthenticated of the address",
    "abcd, .bcd, the oldest unauthenticated of all",
    "baac, b.ac, the oldest of the address with the most",
    "baacd, ..acd, the oldest of those with as many",
    "----, .---, no limit of an address without one",
    "AAAAb, AAAAb, nobody while there is room",
    "AaBCDe, A.BCDe, one that has not authenticated if all places are taken",
    "ABCDEf, ABCDE!, nobody that has authenticated",
    "bAAAaa, bAAA.a, one of the full address only",
    "bAAAAa, bAAAA!, nobody of another address",
  })
  void admitsANewcomerInPlaceOf(String newcomers, String expected, String gaveWay) {
    assertThat(admitAll(newcomers)).as(gaveWay).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "abbcdefghijklmnopqrst, .bbcdefghijklmnopqrst, the oldest of all if no address has many",
    "abbbcdefghijklmnopqrs, a.bbcdefghijklmnopqrs, the oldest of an address with many",
  })
  void admitsANewcomerAmongManyInPlaceOf(String newcomers, String expected, String gaveWay) {
    peers = new ConnectionLimiter(100, 100, 20, 5);
    assertThat(admitAll(newcomers)).as(gaveWay).isEqualTo(expected);
  }

  @Test
  void forgetsThoseThatWereRefusedOrHaveLeft() {
    var callers =
        List.of(admitted('A'), admitted('B'), admitted('C'), admitted('D'), admitted('E'));
    for (int i = 0; i < 10; i++) {
      var refused = new Visitor('F');
      assertThat(peers.admit(refused)).isFalse();
      peers.remove(refused);
      assertThat(refused.disconnected).as("left to the transport").isFalse();
    }
    callers.forEach(peers::remove);
    assertThat(peers.count()).isZero();
    assertThat(admitAll("FFFF")).isEqualTo("FFFF");
  }

  @Test
  void countsAPeerAsUnauthenticatedAgainOnceItsSecretIsRevoked() {
    var accepted = new AtomicBoolean(true);
    var caller = admitted('a');
    caller.authenticate(accepted::get);
    admitted('b');
    admitted('c');
    admitted('d');
    accepted.set(false);
    caller.recheck();
    admitted('e');
    assertThat(caller.disconnected).isTrue();
  }

  @Test
  void logsOnceAMinuteHowManyHadToGo() {
    admitAll("aaaaaaaaaa");
    assertThat(log.warnings())
        .containsExactly(
            "There are too many connections: 1 were refused, or closed for others before they had"
                + " shown the secret, since the last report; 2 are open");
  }

  @Test
  void closesUnauthenticatedConnectionsThatAreIdle() {
    peers.closeIdle(Duration.ZERO, timer.executor());
    var caller = admitted('A');
    var watcher = admitted('b');
    watcher.unauthenticatedCallBegins();
    var idle = admitted('c');
    timer.run();
    assertThat(idle.closed).isTrue();
    assertThat(idle.disconnected).as("its calls may end").isFalse();
    assertThat(watcher.closed).as("one with a call to an open service").isFalse();

    watcher.unauthenticatedCallEnds();
    timer.run();
    assertThat(watcher.closed).isTrue();
    assertThat(caller.closed).isFalse();
  }

  @Test
  void closesAllUnauthenticatedConnectionsAfterAStopThoseThatComeLaterToo() {
    peers.closeIdle(Duration.ofDays(1), timer.executor());
    var caller = admitted('A');
    var old = admitted('b');
    timer.run();
    assertThat(old.closed).isFalse();

    peers.stop();
    var late = admitted('c');
    timer.run();
    assertThat(List.of(old, late)).allMatch(visitor -> visitor.closed);
    assertThat(caller.closed).isFalse();
  }

  @Test
  void closesAConnectionWhoseSecretIsRevokedOnceItIsIdle() {
    peers.closeIdle(Duration.ZERO, timer.executor());
    var accepted = new AtomicBoolean(true);
    var caller = admitted('a');
    caller.authenticate(accepted::get);
    timer.run();
    accepted.set(false);
    timer.run();
    assertThat(caller.closed).as("idle since it was revoked only").isFalse();
    timer.run();
    assertThat(caller.closed).isTrue();
  }

  /** A port is used again at once; one may serve two connections, to two of our addresses. */
  @Test
  void findsThePeerOfAConnectionBesideAnotherFromTheSamePort() {
    var first = admitted('a');
    var second = admitted('a');
    assertThat(peerOf(second)).isSameAs(second);
    peers.remove(second);
    assertThat(peerOf(first)).isSameAs(first);
    assertThat(List.of(first, second)).allMatch(visitor -> visitor.ready);
  }

  /** gRPC closes a connection whose filter throws. */
  @Test
  void findsNoPeerOfAConnectionThatWasEndedInTheMeantime() {
    var ended = admitted('a');
    peers.remove(ended);
    assertThatThrownBy(() -> peerOf(ended)).hasMessage("The connection has no peer");
    assertThat(ended.ready).isFalse();
  }

  @Test
  void areMadeForEachConnectionOfATransportThatAdmitsEverybody() {
    var filter = Peer.transportFilter();
    var connection = filter.transportReady(attributes(new InetSocketAddress("192.0.2.1", 1)));
    Peer peer = requireNonNull(connection.get(Peer.KEY));
    assertThat(filter.transportReady(connection)).as("that has one").isSameAs(connection);
    assertThat(peer.isAuthenticated()).isFalse();
    assertThat(peer.isGone()).isFalse();
    filter.transportTerminated(connection);
    assertThat(peer.isGone()).isTrue();

    var local = filter.transportReady(attributes(new InProcessSocketAddress("a")));
    assertThat(requireNonNull(local.get(Peer.KEY)).address).as("without IP").isNull();
    // gRPC has no attributes if a connection ends before HTTP/2 has begun, such as a TCP probe.
    filter.transportTerminated(null);
    peers.filter().transportTerminated(null);
    assertThat(filter.transportReady(Attributes.EMPTY)).isSameAs(Attributes.EMPTY);
  }

  private String admitAll(String newcomers) {
    var visitors = new ArrayList<Visitor>();
    var end = new StringBuilder(newcomers);
    for (int i = 0; i < newcomers.length(); i++) {
      visitors.add(new Visitor(newcomers.charAt(i)));
      if (!peers.admit(visitors.get(i))) {
        end.setCharAt(i, '!');
      }
    }
    for (int i = 0; i < newcomers.length(); i++) {
      if (visitors.get(i).disconnected) {
        end.setCharAt(i, '.');
      }
    }
    return end.toString();
  }

  private Visitor admitted(char newcomer) {
    var visitor = new Visitor(newcomer);
    assertThat(peers.admit(visitor)).isTrue();
    return visitor;
  }

  private Peer peerOf(Visitor visitor) {
    var attributes = peers.filter().transportReady(attributes(requireNonNull(visitor.from)));
    return requireNonNull(attributes.get(Peer.KEY));
  }

  private static Attributes attributes(SocketAddress from) {
    return Attributes.newBuilder().set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, from).build();
  }

  /** Leaves when it is disconnected, as a connection does that its transport ends. */
  private final class Visitor extends Peer {

    boolean ready;
    boolean closed;
    boolean disconnected;

    Visitor(char newcomer) {
      super(
          newcomer == '-'
              ? null
              : new InetSocketAddress("192.0.2." + Character.toLowerCase(newcomer) % 100, 1234));
      if (Character.isUpperCase(newcomer)) {
        authenticate(() -> true);
      }
    }

    @Override
    protected void ready() {
      ready = true;
    }

    @Override
    protected void close() {
      closed = true;
    }

    @Override
    protected void disconnect() {
      disconnected = true;
      peers.remove(this);
    }
  }
}
