package dev.greeter.guard;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The peers that are connected, and which others are let in.
 *
 * <p>An unauthenticated peer gives way to a newcomer when there are too many, the oldest first: a
 * caller with the secret shows it in a moment, while others hold on.
 *
 * @param <P> how the transport knows them
 */
public final class Peers<P extends Peer> {

  private static final Logger log = LoggerFactory.getLogger(Peers.class);
  private static final int REAPER_MILLIS = 200;

  /** The peer that {@link #transportFilter} has made. */
  private static final Attributes.Key<Peer> OWN =
      Attributes.Key.create("dev.greeter.guard.own-peer");

  private final int max;
  private final int maxPerAddress;
  private final Strangers<P> strangers;
  // By the object that is the address of a connection. Equal ones are another's: a client may use
  // one port for two connections, to two addresses of this machine.
  private final Map<@Nullable SocketAddress, P> connected = new IdentityHashMap<>();
  private final AddressUse addresses = new AddressUse();
  private volatile boolean stopping;
  private final AtomicLong ended = new AtomicLong();
  private final OncePerMinute warnings = new OncePerMinute(System::nanoTime);

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
    this.strangers =
        new Strangers<>(maxStrangers, maxStrangersPerAddress, peer -> peer, peer -> false);
  }

  /**
   * Closes unauthenticated connections that are idle, and all of them once the server stops; a
   * connection is unauthenticated again when its secret is no longer accepted.
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
   * Lets a newcomer in, if there is room, or an unauthenticated peer that gives way.
   *
   * @return whether it is let in; if not, its connection is the transport's to end
   */
  public boolean admit(P newcomer) {
    boolean admitted = tryAdmit(newcomer);
    warn();
    return admitted;
  }

  private synchronized boolean tryAdmit(P newcomer) {
    @Nullable Object address = newcomer.address();
    boolean full = addresses.connections(address) >= maxPerAddress;
    if ((full || connected.size() >= max)
        && !disconnect(strangers.takeOldest(0, peer -> !full || peer.isFrom(address)))) {
      ended.incrementAndGet();
      return false;
    }
    addresses.begin(newcomer);
    connected.put(newcomer.from(), newcomer);
    var unused = disconnect(strangers.add(newcomer));
    return true;
  }

  /** Forgets one whose connection has ended. */
  public synchronized void remove(P peer) {
    strangers.remove(peer);
    connected.remove(peer.from(), peer);
    addresses.end(peer);
    peer.leave();
  }

  /** Returns how many are connected. */
  public synchronized int count() {
    return connected.size();
  }

  /** Has strangers go within a moment, those that come later too. */
  public void stop() {
    stopping = true;
  }

  /**
   * Tells gRPC, and with it the calls, whose a connection is.
   *
   * @param ready is notified of a peer when HTTP/2 with it has begun
   */
  public ServerTransportFilter filter(Consumer<P> ready) {
    return new ServerTransportFilter() {
      @Override
      public Attributes transportReady(Attributes attributes) {
        P peer = connectedFrom(attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
        if (peer == null) {
          // It was ended in the meantime, or else must not go on: gRPC closes it for this.
          throw new IllegalStateException("The connection has no peer");
        }
        ready.accept(peer);
        return attributes.toBuilder().set(Peer.KEY, peer).build();
      }
    };
  }

  private synchronized @Nullable P connectedFrom(@Nullable SocketAddress from) {
    return connected.get(from);
  }

  /**
   * Tells calls whose connection is theirs on a server whose transport lets everybody in: gRPC has
   * no way to end a connection, so that calls are limited for each address, and connections are
   * not. Another filter may set another peer, before or after.
   */
  static ServerTransportFilter transportFilter() {
    var addresses = new AddressUse();
    return new ServerTransportFilter() {
      @Override
      public Attributes transportReady(Attributes attributes) {
        SocketAddress from = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        if (from == null || attributes.get(Peer.KEY) != null) {
          return attributes;
        }
        Peer peer = new Peer(from);
        addresses.begin(peer);
        return attributes.toBuilder().set(Peer.KEY, peer).set(OWN, peer).build();
      }

      /** The attributes are null if the connection ended before its first SETTINGS. */
      @Override
      public void transportTerminated(@Nullable Attributes attributes) {
        Peer peer = attributes == null ? null : attributes.get(OWN);
        if (peer != null) {
          addresses.end(peer);
          peer.leave();
        }
      }
    };
  }

  private boolean disconnect(@Nullable P oldest) {
    if (oldest != null) {
      ended.incrementAndGet();
      oldest.disconnect();
    }
    return oldest != null;
  }

  private void closeIdleStrangers(long idleNanos) {
    long now = System.nanoTime();
    for (P peer : strangers) {
      peer.recheck();
      if (!peer.isAccepted() && (stopping || peer.idleNanos(now) > idleNanos)) {
        peer.close();
      }
    }
  }

  private void warn() {
    if (ended.get() > 0 && warnings.isDue()) {
      log.warn(
          "There are too many connections: {} were refused, or closed for others before they had"
              + " shown the secret, since the last report; {} are open",
          ended.getAndSet(0),
          count());
    }
  }
}
