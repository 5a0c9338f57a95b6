package dev.greeter.guard.netty;

import static dev.greeter.guard.netty.Authenticated.authenticated;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.ConnectionLimiter;
import dev.greeter.guard.Guard;
import dev.greeter.guard.Peer;
import dev.greeter.guard.Secrets;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests which connections are admitted or evicted. */
class ConnectionGateTest {

  private final Guard guard = Guard.builder(Secrets.of("secret")).build();
  private final ConnectionLimiter peers =
      guard.limitConnections(5, 4, 3, 2, Duration.ofDays(1), () -> {});
  private final EmbeddedChannel listening =
      new EmbeddedChannel(new ConnectionGate(peers, false, new AtomicInteger()));
  private final List<From> accepted = new ArrayList<>();

  @AfterEach
  void close() {
    accepted.forEach(EmbeddedChannel::finishAndReleaseAll);
    listening.finishAndReleaseAll();
    guard.close();
  }

  @Test
  void evictsOldestUnauthenticatedConnectionOfAddress() throws Exception {
    From[] fromElsewhere = {connect("192.0.2.9")};
    From[] fromThere = {connect("192.0.2.1"), connect("192.0.2.1"), connect("192.0.2.1")};

    assertThat(open(fromElsewhere)).containsExactly(true);
    assertThat(open(fromThere)).containsExactly(false, true, true);
    assertThat(peers.count()).isEqualTo(3);
  }

  @Test
  void keepsAuthenticatedConnectionsAndRefusesExcess() throws Exception {
    var callers = new ArrayList<From>();
    for (int i = 1; i <= 5; i++) {
      callers.add(connect("192.0.2." + i));
      authenticated(peer(callers.get(i - 1)));
    }
    var refused = connect("192.0.2.6");

    assertThat(open(callers.toArray(From[]::new))).containsOnly(true).hasSize(5);
    assertThat(refused.isOpen()).isFalse();
    callers.get(0).close();
    assertThat(open(connect("192.0.2.6"))).containsExactly(true);
  }

  private From connect(String address) throws UnknownHostException {
    var connection =
        new From(new InetSocketAddress(InetAddress.getByName(address), accepted.size()));
    accepted.add(connection);
    listening.writeInbound(connection);
    return connection;
  }

  /** Returns the open ones, after their event loop has run its tasks. */
  private static List<Boolean> open(From... connections) {
    var open = new ArrayList<Boolean>();
    for (var connection : connections) {
      connection.runPendingTasks();
      open.add(connection.isOpen());
    }
    return open;
  }

  /** Returns the peer of a connection, as gRPC requests it when ready. */
  private Peer peer(From connection) {
    connection
        .pipeline()
        .addLast(
            new Http2ConnectionHandlerBuilder()
                .connection(new DefaultHttp2Connection(true))
                .frameListener(new Http2FrameAdapter())
                .build());
    var attributes =
        Attributes.newBuilder().set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, connection.from).build();
    return Objects.requireNonNull(
        peers.filter().transportReady(attributes).get(Peer.KEY), "the peer");
  }

  /** A connection from an address. */
  private static final class From extends EmbeddedChannel {

    private final InetSocketAddress from;

    From(InetSocketAddress from) {
      this.from = from;
    }

    @Override
    protected SocketAddress remoteAddress0() {
      return from;
    }
  }
}
