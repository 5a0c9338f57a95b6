package dev.greeter.guard;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.greeter.guard.fixture.LogCapture;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import io.grpc.inprocess.InProcessSocketAddress;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which connections are admitted, and which give way to them. */
class PeersTest {

  @RegisterExtension private final LogCapture log = new LogCapture();

  private final Peers<Visitor> peers = new Peers<>(5, 4, 3, 2);
  private final List<Runnable> scheduled = new ArrayList<>();
  private int lastPort;

  @Nested
  class LetIn {

    @Test
    void aNewcomerForTheOldestStrangerOfItsAddress() {
      var other = admitted("192.0.2.9");
      var oldest = admitted("192.0.2.1");
      var second = admitted("192.0.2.1");
      var newest = admitted("192.0.2.1");

      assertThat(connected(other, oldest, second, newest)).containsExactly(true, false, true, true);
      assertThat(peers.count()).isEqualTo(3);
    }

    @Test
    void aNewcomerOfAFullAddressForAStrangerOfItOnly() {
      var other = admitted("192.0.2.9");
      for (int i = 0; i < 3; i++) {
        admitted("192.0.2.1").accept(() -> true);
      }
      var stranger = admitted("192.0.2.1");
      var newcomer = admitted("192.0.2.1");

      assertThat(connected(other, stranger, newcomer)).containsExactly(true, false, true);
      newcomer.accept(() -> true);
      assertThat(visitor("192.0.2.1").comes()).as("a fifth with the secret").isFalse();
      assertThat(connected(other)).containsExactly(true);
    }

    @Test
    void thoseThatHaveShownTheSecretAndNotTheOneTooMany() {
      var callers = callersEverywhere();
      var refused = visitor("192.0.2.6");

      assertThat(refused.comes()).isFalse();
      assertThat(connected(callers)).containsOnly(true).hasSize(5);
      assertThat(refused.disconnected).as("left to the transport").isFalse();

      callers[0].leaves();
      assertThat(visitor("192.0.2.6").comes()).isTrue();
      assertThat(peers.count()).isEqualTo(5);
    }

    @Test
    void anAddressThatWasRefusedAsIfItHadNotCome() {
      var callers = callersEverywhere();
      for (int i = 0; i < 10; i++) {
        assertThat(visitor("192.0.2.6").comes()).isFalse();
      }
      for (Visitor caller : callers) {
        caller.leaves();
      }

      for (int i = 0; i < 4; i++) {
        var caller = visitor("192.0.2.6");
        assertThat(caller.comes()).isTrue();
        caller.accept(() -> true);
      }
    }

    @Test
    void noMoreOfAnAddressOnceARefusedOneHasGone() {
      for (int i = 0; i < 4; i++) {
        admitted("192.0.2.1").accept(() -> true);
      }
      for (int i = 0; i < 2; i++) {
        var refused = visitor("192.0.2.1");
        assertThat(refused.comes()).isFalse();
        refused.leaves();
      }
    }

    /** A port is free again at once, and the end of its connection may be heard of later. */
    @Test
    void anAddressWhoseConnectionsFollowEachOtherOnOnePort() {
      for (int i = 0; i < 10; i++) {
        var first = admitted("192.0.2.1");
        first.accept(() -> true);
        var second = visitor(new InetSocketAddress("192.0.2.1", lastPort));
        assertThat(second.comes()).isTrue();
        second.accept(() -> true);
        first.leaves();
        assertThat(peers.count()).isOne();
        assertThat(peer(peers.filter(ready -> {}).transportReady(attributes(second.from))))
            .isSameAs(second);
        second.leaves();
      }
      assertThat(peers.count()).isZero();
      assertThat(visitor("192.0.2.1").comes()).isTrue();
    }

    private Visitor[] callersEverywhere() {
      var callers = new ArrayList<Visitor>();
      for (int host = 1; host <= 5; host++) {
        callers.add(admitted("192.0.2." + host));
        callers.get(host - 1).accept(() -> true);
      }
      return callers.toArray(Visitor[]::new);
    }
  }

  @Nested
  class Close {

    @Test
    void strangersThatAreIdle() {
      peers.closeIdle(Duration.ZERO, timer());
      var caller = admitted("192.0.2.1");
      var watcher = admitted("192.0.2.2");
      watcher.begin();
      var stranger = admitted("192.0.2.3");
      caller.accept(() -> true);

      Awaitility.await().until(() -> closedByTimer(stranger));
      assertThat(caller.closed).isFalse();
      assertThat(watcher.closed).as("one with a call to an open service").isFalse();

      watcher.end();
      Awaitility.await().until(() -> closedByTimer(watcher));
      assertThat(caller.closed).isFalse();
      assertThat(stranger.disconnected).as("its calls may end").isFalse();
    }

    @Test
    void allStrangersAfterAStopThoseThatComeLaterToo() {
      peers.closeIdle(Duration.ofDays(1), timer());
      var caller = admitted("192.0.2.1");
      var watcher = admitted("192.0.2.2");
      watcher.begin();
      caller.accept(() -> true);
      assertThat(closedByTimer(watcher)).isFalse();

      peers.stop();
      assertThat(closedByTimer(watcher)).isTrue();
      assertThat(closedByTimer(admitted("192.0.2.3"))).isTrue();
      assertThat(caller.closed).isFalse();
    }

    @Test
    void thoseWhoseSecretIsRevokedOnceTheyAreIdle() {
      peers.closeIdle(Duration.ofMillis(1), timer());
      var accepted = new AtomicBoolean(true);
      var caller = admitted("192.0.2.1");
      caller.accept(accepted::get);
      assertThat(closedByTimer(caller)).isFalse();

      accepted.set(false);
      assertThat(closedByTimer(caller)).as("idle since it was revoked only").isFalse();
      assertThat(caller.isAccepted()).isFalse();
      Awaitility.await().until(() -> closedByTimer(caller));
    }

    private boolean closedByTimer(Visitor visitor) {
      assertThat(scheduled).hasSize(1);
      scheduled.get(0).run();
      return visitor.closed;
    }

    /** Has its tasks run by the test. */
    private ScheduledExecutorService timer() {
      return (ScheduledExecutorService)
          Proxy.newProxyInstance(
              PeersTest.class.getClassLoader(),
              new Class<?>[] {ScheduledExecutorService.class},
              (timer, method, arguments) -> {
                assertThat(method.getName()).isEqualTo("scheduleWithFixedDelay");
                scheduled.add((Runnable) arguments[0]);
                return null;
              });
    }
  }

  @Nested
  class Tell {

    /** A client may use one port for two connections, to two addresses of this machine. */
    @Test
    void whoseAConnectionIsBesideAnotherFromTheSamePort() {
      var first = new Visitor(new InetSocketAddress("192.0.2.1", 1));
      var second = new Visitor(new InetSocketAddress("192.0.2.1", 1));
      assertThat(first.comes()).isTrue();
      assertThat(second.comes()).isTrue();
      assertThat(peers.count()).isEqualTo(2);
      var ready = new ArrayList<Visitor>();
      var filter = peers.filter(ready::add);
      assertThat(peer(filter.transportReady(attributes(second.from)))).isSameAs(second);
      second.leaves();

      assertThat(peer(filter.transportReady(attributes(first.from)))).isSameAs(first);
      assertThat(ready).containsExactly(second, first);
    }

    /** gRPC closes a connection whose filter throws. */
    @Test
    void nobodyOfAConnectionThatIsNotAmongThem() {
      var ready = new ArrayList<Visitor>();
      var visitor = admitted("192.0.2.1");
      visitor.leaves();
      var attributes = attributes(visitor.from);

      assertThatThrownBy(() -> peers.filter(ready::add).transportReady(attributes))
          .isInstanceOf(IllegalStateException.class);
      assertThat(ready).isEmpty();
    }

    @Test
    void theLogOnceAMinuteHowManyHadToGo() {
      for (int i = 0; i < 10; i++) {
        admitted("192.0.2.1");
      }

      assertThat(log.problems())
          .extracting(ILoggingEvent::getFormattedMessage)
          .containsExactly(
              "There are too many connections: 1 were refused, or closed for others before they"
                  + " had shown the secret, since the last report; 2 are open");
    }
  }

  /** On a server whose transport admits every connection. */
  @Nested
  class OfAnyTransport {

    private final ServerTransportFilter filter = Peers.transportFilter();

    @Test
    void shareTheCallsOfTheirAddress() {
      var one = peer(ready("192.0.2.1", 1));
      var other = peer(ready("192.0.2.1", 2));
      var elsewhere = peer(ready("192.0.2.2", 1));

      one.callsOfAddress().incrementAndGet();

      assertThat(other.callsOfAddress()).hasValue(1);
      assertThat(elsewhere.callsOfAddress()).hasValue(0);
      assertThat(one).isNotSameAs(other);
      assertThat(one.isAccepted()).isFalse();
    }

    @Test
    void areForgottenOnceTheTransportsOfTheirAddressHaveTerminated() {
      var one = ready("192.0.2.1", 1);
      var other = ready("192.0.2.1", 2);
      var calls = peer(one).callsOfAddress();

      filter.transportTerminated(one);
      var third = ready("192.0.2.1", 3);
      assertThat(peer(third).callsOfAddress()).isSameAs(calls);

      filter.transportTerminated(other);
      filter.transportTerminated(third);
      assertThat(peer(ready("192.0.2.1", 4)).callsOfAddress()).isNotSameAs(calls);
    }

    /** As within the process, and over a Unix domain socket. */
    @Test
    void shareNothingWithoutAnIpAddress() {
      var one = peer(filter.transportReady(attributes(new InProcessSocketAddress("a"))));
      var other = peer(filter.transportReady(attributes(new InProcessSocketAddress("a"))));

      one.callsOfAddress().incrementAndGet();

      assertThat(other.callsOfAddress()).hasValue(0);
    }

    /** gRPC has none for a connection that ends before HTTP/2 has begun, such as a TCP probe. */
    @Test
    void areNothingWithoutAttributes() {
      assertThat(filter.transportReady(Attributes.EMPTY)).isSameAs(Attributes.EMPTY);
      assertThatCode(
              () -> {
                filter.transportTerminated(Attributes.EMPTY);
                filter.transportTerminated(null);
                peers.filter(ready -> {}).transportTerminated(null);
              })
          .doesNotThrowAnyException();
    }

    private Attributes ready(String address, int port) {
      return filter.transportReady(attributes(new InetSocketAddress(address, port)));
    }
  }

  private Visitor admitted(String address) {
    var visitor = visitor(address);
    assertThat(visitor.comes()).isTrue();
    return visitor;
  }

  private Visitor visitor(String address) {
    return visitor(new InetSocketAddress(address, ++lastPort));
  }

  private Visitor visitor(SocketAddress from) {
    return new Visitor(from);
  }

  /** Returns which of them are connected still. */
  private static List<Boolean> connected(Visitor... visitors) {
    var connected = new ArrayList<Boolean>();
    for (Visitor visitor : visitors) {
      connected.add(!visitor.disconnected);
    }
    return connected;
  }

  private static Peer peer(Attributes attributes) {
    return requireNonNull(attributes.get(Peer.KEY), "the peer");
  }

  private static Attributes attributes(SocketAddress from) {
    return Attributes.newBuilder().set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, from).build();
  }

  /** Leaves when it is disconnected, as a connection does that its transport ends. */
  private final class Visitor extends Peer {

    final SocketAddress from;
    boolean closed;
    boolean disconnected;

    Visitor(SocketAddress from) {
      super(from);
      this.from = from;
    }

    boolean comes() {
      return peers.admit(this);
    }

    void leaves() {
      peers.remove(this);
    }

    @Override
    protected void close() {
      closed = true;
    }

    @Override
    protected void disconnect() {
      disconnected = true;
      leaves();
    }
  }
}
