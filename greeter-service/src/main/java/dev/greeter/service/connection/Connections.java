package dev.greeter.service.connection;

import dev.greeter.service.calls.Peer;
import dev.greeter.service.calls.PeerAddress;
import dev.greeter.service.calls.Strangers;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler.Sharable;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections that are open, and the gate that they come through: it stands in the pipeline of
 * a listening channel of TCP, and closes one that is too many before it has cost a handler or a
 * byte was read.
 *
 * <p>A stranger, which has not shown the secret yet, gives way to a newcomer when there are too
 * many, the oldest first: who has the secret shows it in a moment, while others hold on.
 */
@Sharable
public final class Connections extends ChannelInboundHandlerAdapter {

  private static final Logger log = LoggerFactory.getLogger(Connections.class);
  private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(1);
  private static final int REAPER_MILLIS = 200;

  private final LimitProperties limits;
  private final Map<SocketAddress, Connection> open = new ConcurrentHashMap<>();
  private final Map<Object, AddressUse> addresses = new HashMap<>();
  private final Strangers<Connection> strangers;
  private volatile boolean stopping;
  private long ended;
  private long nextWarning = System.nanoTime();

  /**
   * Creates the gate.
   *
   * @param limits how many connections there may be, and how long a stranger may be idle
   * @param timer looks after the strangers, until it is shut down
   */
  Connections(LimitProperties limits, ScheduledExecutorService timer) {
    this.limits = limits;
    this.strangers =
        new Strangers<>(
            limits.maxUnauthenticatedConnections(),
            limits.maxUnauthenticatedConnectionsPerAddress(),
            Connection::peer);
    var unused =
        timer.scheduleWithFixedDelay(
            this::closeIdleStrangers, REAPER_MILLIS, REAPER_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object accepted) {
    Channel channel = (Channel) accepted;
    Connection connection = admit(channel);
    if (connection != null) {
      channel.closeFuture().addListener(closed -> release(channel, connection));
      ctx.fireChannelRead(channel);
    } else {
      warn();
      // It has no event loop yet, on which an orderly close() would run.
      channel.unsafe().closeForcibly();
    }
  }

  /** Returns how many connections are open. */
  int open() {
    return open.size();
  }

  /** Tells gRPC, and with it the calls, whose a connection is. */
  ServerTransportFilter peers() {
    return new ServerTransportFilter() {
      @Override
      public Attributes transportReady(Attributes attributes) {
        Connection connection = open.get(attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
        if (connection == null) {
          return attributes; // It was closed in the meantime.
        }
        try {
          connection.ready();
        } catch (Http2Exception e) {
          throw new IllegalStateException("A header table of 4 KB is always allowed", e);
        }
        return attributes.toBuilder().set(Peer.KEY, connection.peer()).build();
      }
    };
  }

  /** Closes the connections of strangers, those that come later too. */
  public void stop() {
    stopping = true;
  }

  private synchronized @Nullable Connection admit(Channel channel) {
    Object key = PeerAddress.of(channel.remoteAddress());
    AddressUse address = addresses.getOrDefault(key, new AddressUse());
    if (address.connections >= limits.maxConnectionsPerAddress()) {
      if (!closeOldest(peer -> peer.isFrom(key))) {
        return null;
      }
    } else if (open.size() >= limits.maxConnections() && !closeOldest(peer -> true)) {
      return null;
    }
    var connection = new Connection(channel, key, address.calls);
    address.connections++;
    addresses.put(key, address);
    open.put(channel.remoteAddress(), connection);
    close(strangers.add(connection));
    return connection;
  }

  private boolean closeOldest(Predicate<Peer> among) {
    Connection oldest = strangers.takeOldest(0, among);
    close(oldest);
    return oldest != null;
  }

  private void close(@Nullable Connection oldest) {
    if (oldest != null) {
      oldest.closeNow();
      warn();
    }
  }

  private synchronized void release(Channel channel, Connection connection) {
    strangers.remove(connection);
    open.remove(channel.remoteAddress(), connection);
    addresses.computeIfPresent(
        PeerAddress.of(channel.remoteAddress()),
        (key, address) -> --address.connections == 0 ? null : address);
  }

  private void closeIdleStrangers() {
    long now = System.nanoTime();
    for (Connection stranger : strangers) {
      if (!stranger.peer().isAccepted()
          && (stopping
              || stranger.peer().idleNanos(now)
                  > limits.unauthenticatedConnectionIdle().toNanos())) {
        stranger.close();
      }
    }
  }

  private synchronized void warn() {
    ended++;
    if (System.nanoTime() - nextWarning >= 0) {
      log.warn(
          "There are too many connections: {} were refused, or closed for others before they had"
              + " shown the secret; {} are open",
          ended,
          open.size());
      nextWarning = System.nanoTime() + BETWEEN_WARNINGS.toNanos();
    }
  }

  /** What is open from one address. */
  private static final class AddressUse {
    final AtomicInteger calls = new AtomicInteger();
    int connections;
  }
}
