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
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests which connections are admitted, evicted, or closed when idle. */
class ConnectionLimiterTest {

  /** The addresses of proxies. */
  private static final String PROXIES = "pq";

  private static final TrustedProxies NONE = TrustedProxies.of("any", List.of());

  @RegisterExtension private final LogCapture log = new LogCapture();

  private final ManualTimer timer = new ManualTimer();
  private final AtomicInteger refused = new AtomicInteger();
  private final GuardEvents events =
      new GuardEvents() {
        @Override
        public void connectionRefused() {
          refused.incrementAndGet();
        }
      };

  private ConnectionLimiter peers = new ConnectionLimiter(5, 4, 3, 2, NONE, events);

  /**
   * A letter is a newcomer from an address, a hyphen one from none; a capital authenticates at
   * once. In the result, a dot was evicted and an exclamation mark was refused.
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
  void evictsOrRefusesWhenFull(String newcomers, String expected, String gaveWay) {
    assertThat(admitAll(newcomers)).as(gaveWay).isEqualTo(expected);
    assertThat(refused).hasValue((int) expected.chars().filter(c -> c == '.' || c == '!').count());
  }

  @ParameterizedTest
  @CsvSource({
    "abbcdefghijklmnopqrst, .bbcdefghijklmnopqrst, the oldest of all if no address has many",
    "abbbcdefghijklmnopqrs, a.bbcdefghijklmnopqrs, the oldest of an address with many",
  })
  void prefersEvictingFromCrowdedAddresses(String newcomers, String expected, String gaveWay) {
    peers = new ConnectionLimiter(100, 100, 20, 5, NONE, events);
    assertThat(admitAll(newcomers)).as(gaveWay).isEqualTo(expected);
  }

  /** The limits are twenty connections, two of them from one address. */
  @ParameterizedTest
  @CsvSource({
    "PPPPPPPPPqqqqqqqqqa, PPPPPPPPPqqqqqqqqqa, nobody though they have many",
    "pPPPPPPPPPPQQQQQQQQ, .PPPPPPPPPPQQQQQQQQ, the oldest of all proxies if they have nine tenths",
    "aPPPPPPPPPPQQQQQQQQP, aPPPPPPPPPPQQQQQQQQ!, nobody for one more of theirs",
    "PPPPPPPPPPQQQQQQQQabc, PPPPPPPPPPQQQQQQQQ.bc, none of theirs for a probe",
    "aaaP, .aaP, the oldest of an address that is not one",
  })
  void limitsProxyConnectionsSeparately(String newcomers, String expected, String gaveWay) {
    peers = new ConnectionLimiter(20, 2, 20, 2, NONE, events);
    assertThat(admitAll(newcomers)).as(gaveWay).isEqualTo(expected);
  }

  /** The PROXY protocol names the client after the connection was accepted. */
  @Test
  void limitsConnectionsPerClientBehindProxy() {
    peers = new ConnectionLimiter(10, 2, 10, 2, NONE, events);
    var client = new InetSocketAddress("203.0.113.7", 1);
    var first = admitted('p');
    var second = admitted('P');
    admitted('p');
    assertThat(peers.admit(first, client)).isTrue();
    assertThat(peers.admit(second, client)).isTrue();
    assertThat(peers.count()).isEqualTo(3);
    assertThat(first.disconnected).isFalse();
    var third = admitted('P');
    assertThat(peers.admit(third, client)).isTrue();
    assertThat(first.disconnected).as("gives way, unauthenticated").isTrue();
    var fourth = admitted('p');
    assertThat(peers.admit(fourth, client)).as("both others have authenticated").isFalse();
    assertThat(peers.count()).isEqualTo(3);

    var attributes = peers.filter().transportReady(attributes(requireNonNull(second.from)));
    assertThat(attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)).isEqualTo(client);
    assertThat(second.isShared()).isFalse();
    assertThat(admitted('p').isShared()).isTrue();
  }

  @Test
  void forgetsRefusedAndClosedConnections() {
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
  void treatsRevokedPeerAsUnauthenticated() {
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
  void logsEvictionsAtMostOncePerMinute() {
    admitAll("aaaaaaaaaa");
    assertThat(log.warnings())
        .containsExactly(
            "Too many connections: 1 were refused, or closed for others before they had"
                + " shown the secret, since the last report; 2 are open");
  }

  @Test
  void closesIdleUnauthenticatedConnections() {
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
  void closesOldAndNewUnauthenticatedConnectionsAfterStop() {
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
  void closesIdleConnectionAfterSecretIsRevoked() {
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

  /** A port may be reused at once, or serve two connections to two local addresses. */
  @Test
  void distinguishesConnectionsFromSamePort() {
    var first = admitted('a');
    var second = admitted('a');
    assertThat(peerOf(second)).isSameAs(second);
    peers.remove(second);
    assertThat(peerOf(first)).isSameAs(first);
    assertThat(List.of(first, second)).allMatch(visitor -> visitor.ready);
  }

  /** gRPC closes a connection whose filter throws. */
  @Test
  void findsNoPeerForEndedConnection() {
    var ended = admitted('a');
    peers.remove(ended);
    assertThatThrownBy(() -> peerOf(ended)).hasMessage("The connection has no peer");
    assertThat(ended.ready).isFalse();
  }

  @Test
  void createsPeersForUnlimitedTransports() {
    var filter = Peer.transportFilter(TrustedProxies.of("any", List.of("10.0.0.0/8")));
    var connection = filter.transportReady(attributes(new InetSocketAddress("192.0.2.1", 1)));
    Peer peer = requireNonNull(connection.get(Peer.KEY));
    assertThat(filter.transportReady(connection)).as("that has one").isSameAs(connection);
    assertThat(peer.isAuthenticated()).isFalse();
    assertThat(peer.isGone()).isFalse();
    filter.transportTerminated(connection);
    assertThat(peer.isGone()).isTrue();

    var proxy = filter.transportReady(attributes(new InetSocketAddress("10.0.0.1", 1)));
    assertThat(requireNonNull(proxy.get(Peer.KEY)).isShared()).as("of a proxy").isTrue();
    assertThat(peer.isShared()).isFalse();

    var local = filter.transportReady(attributes(new InProcessSocketAddress("a")));
    assertThat(requireNonNull(local.get(Peer.KEY)).address).as("without IP").isNull();
    // gRPC has no attributes if a connection ends before HTTP/2 starts, such as a TCP probe.
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

  /** Leaves when it is disconnected, like a connection that its transport closes. */
  private final class Visitor extends Peer {

    boolean ready;
    boolean closed;
    boolean disconnected;

    Visitor(char newcomer) {
      super(
          newcomer == '-'
              ? null
              : new InetSocketAddress("192.0.2." + Character.toLowerCase(newcomer) % 100, 1234),
          PROXIES.indexOf(Character.toLowerCase(newcomer)) >= 0);
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
