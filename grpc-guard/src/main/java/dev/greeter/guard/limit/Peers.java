package dev.greeter.guard.limit;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Those who are connected, and who else is let in.
 *
 * <p>A stranger, which has not shown the secret yet, gives way to a newcomer when there are too
 * many, the oldest first: who has the secret shows it in a moment, while others hold on.
 *
 * @param <P> how the transport knows them
 */
public final class Peers<P extends Peer> {

  private static final Logger log = LoggerFactory.getLogger(Peers.class);
  private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(1);
  private static final int REAPER_MILLIS = 200;

  private final int max;
  private final int maxPerAddress;
  private final Strangers<P> strangers;
  private final Map<SocketAddress, P> connected = new ConcurrentHashMap<>();
  private final AddressUse addresses = new AddressUse();
  private volatile boolean stopping;
  private long ended;
  private long nextWarning = System.nanoTime();

  /**
   * Starts with nobody.
   *
   * @param max connections that are open at once
   * @param maxPerAddress of these, those from one IP address, of IPv6 from a network of 64 bits
   * @param maxStrangers of these, those on which no call has shown the secret yet
   * @param maxStrangersPerAddress of these, those from one IP address
   */
  public Peers(int max, int maxPerAddress, int maxStrangers, int maxStrangersPerAddress) {
    this.max = max;
    this.maxPerAddress = maxPerAddress;
    this.strangers = new Strangers<>(maxStrangers, maxStrangersPerAddress, peer -> peer);
  }

  /**
   * Has strangers go that are idle, and all of them once the server stops.
   *
   * @param idle how long a stranger may have no call to an open service
   * @param timer looks after them, until it is shut down
   */
  public void closeIdle(Duration idle, ScheduledExecutorService timer) {
    var unused =
        timer.scheduleWithFixedDelay(
            () -> closeIdleStrangers(idle.toNanos()),
            REAPER_MILLIS,
            REAPER_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  /**
   * Lets a newcomer in, if there is room, or a stranger that gives way.
   *
   * @param from where its connection comes from
   * @return whether it is let in; if not, its connection is the transport's to end
   */
  public boolean admit(SocketAddress from, P newcomer) {
    boolean admitted = tryAdmit(from, newcomer);
    if (!admitted) {
      warn();
    }
    return admitted;
  }

  private synchronized boolean tryAdmit(SocketAddress from, P newcomer) {
    Object address = newcomer.address();
    if (addresses.connections(address) >= maxPerAddress) {
      if (!disconnectOldest(peer -> peer.isFrom(address))) {
        return false;
      }
    } else if (connected.size() >= max && !disconnectOldest(peer -> true)) {
      return false;
    }
    addresses.begin(newcomer);
    connected.put(from, newcomer);
    disconnect(strangers.add(newcomer));
    return true;
  }

  /**
   * Forgets one whose connection has ended.
   *
   * @param from where its connection came from
   */
  public synchronized void remove(SocketAddress from, P peer) {
    strangers.remove(peer);
    // A newcomer may be there in its place: a port is free again before its end is heard of.
    connected.remove(from, peer);
    addresses.end(peer);
  }

  /** Returns how many are connected. */
  public int count() {
    return connected.size();
  }

  /** Has strangers go within a moment, those that come later too. */
  public void stop() {
    stopping = true;
  }

  /**
   * Tells gRPC, and with it the calls, whose a connection is.
   *
   * @param ready is told of a peer when HTTP/2 with it has begun
   */
  public ServerTransportFilter filter(Consumer<P> ready) {
    return new ServerTransportFilter() {
      @Override
      public Attributes transportReady(Attributes attributes) {
        P peer = connected.get(attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
        if (peer == null) {
          return attributes; // Its connection was ended in the meantime.
        }
        ready.accept(peer);
        return attributes.toBuilder().set(Peer.KEY, peer).build();
      }
    };
  }

  /**
   * Tells the same on a server whose transport lets everybody in: gRPC's own has no way to end a
   * connection, so that calls are limited for each address, and connections are not.
   */
  public static ServerTransportFilter transportFilter() {
    var addresses = new AddressUse();
    return new ServerTransportFilter() {
      @Override
      public Attributes transportReady(Attributes attributes) {
        SocketAddress from = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        if (from == null) {
          return attributes;
        }
        Peer peer = new Peer(from);
        addresses.begin(peer);
        return attributes.toBuilder().set(Peer.KEY, peer).build();
      }

      @Override
      public void transportTerminated(Attributes attributes) {
        Peer peer = attributes.get(Peer.KEY);
        if (peer != null) {
          addresses.end(peer);
        }
      }
    };
  }

  private boolean disconnectOldest(Predicate<Peer> among) {
    P oldest = strangers.takeOldest(0, among);
    disconnect(oldest);
    return oldest != null;
  }

  private void disconnect(@Nullable P oldest) {
    if (oldest != null) {
      oldest.disconnect();
      warn();
    }
  }

  private void closeIdleStrangers(long idleNanos) {
    long now = System.nanoTime();
    for (P stranger : strangers) {
      if (!stranger.isAccepted() && (stopping || stranger.idleNanos(now) > idleNanos)) {
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
          connected.size());
      nextWarning = System.nanoTime() + BETWEEN_WARNINGS.toNanos();
    }
  }
}
