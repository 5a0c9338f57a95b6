package dev.greeter.guard;

import com.google.common.collect.Iterables;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits the connections of a server. At the limit, the oldest unauthenticated one gives way to a
 * newcomer.
 */
public final class ConnectionLimiter {

  private static final Logger log = LoggerFactory.getLogger(ConnectionLimiter.class);
  private static final int CHECK_MILLIS = 200;

  /** One in this many connections is not available to proxies, so that probes can connect. */
  private static final int RESERVED = 10;

  private final int max;
  private final int maxPerAddress;
  private final TrustedProxies proxies;
  private final GuardEvents events;
  private final UnauthenticatedPool<Peer> connected;
  private final AtomicLong ended = new AtomicLong();
  private final OncePerMinute warnings = new OncePerMinute(System::nanoTime);
  private volatile boolean stopping;

  ConnectionLimiter(
      int max,
      int maxPerAddress,
      int maxUnauthenticated,
      int maxUnauthenticatedPerAddress,
      TrustedProxies proxies,
      GuardEvents events) {
    this.max = max;
    this.maxPerAddress = maxPerAddress;
    this.proxies = proxies;
    this.events = events;
    this.connected =
        new UnauthenticatedPool<>(
            maxUnauthenticated,
            maxUnauthenticatedPerAddress,
            peer -> peer.address,
            Peer::isAuthenticated,
            peer -> false);
  }

  /**
   * Closes idle unauthenticated connections, and all unauthenticated ones once the server stops.
   *
   * @param idle how long such a connection may be without a call to an open service
   * @param timer runs the checks until it is shut down
   */
  void closeIdle(Duration idle, ScheduledExecutorService timer) {
    var unused =
        timer.scheduleWithFixedDelay(
            () -> closeIdle(idle.toNanos()), CHECK_MILLIS, CHECK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void closeIdle(long nanos) {
    try {
      long now = System.nanoTime();
      for (Peer peer : connected) {
        peer.recheck();
        if (!peer.isAuthenticated() && (stopping || peer.idleNanos(now) > nanos)) {
          peer.close();
        }
      }
    } catch (RuntimeException e) {
      // From a transport, such as of a connection being accepted. It would end the timer's checks.
      log.error("Connections could not be checked for their limits", e);
    }
  }

  /**
   * Admits a newcomer if there is room or an unauthenticated peer can be evicted.
   *
   * @return whether it is admitted; if not, the transport must close its connection
   */
  public boolean admit(Peer newcomer) {
    boolean admitted = tryAdmit(newcomer);
    if (!admitted) {
      refused();
    }
    if (ended.get() > 0 && warnings.isDue()) {
      log.warn(
          "Too many connections: {} were refused, or closed for others before they had"
              + " shown the secret, since the last report; {} are open",
          ended.getAndSet(0),
          count());
    }
    return admitted;
  }

  /**
   * Admits a peer again as the client that its proxy named: the limits of the client's address now
   * apply.
   *
   * @return whether it is admitted; if not, the transport must close its connection
   */
  public synchronized boolean admit(Peer peer, SocketAddress client) {
    connected.remove(peer);
    peer.client = client;
    peer.address = PeerAddress.of(client);
    return admit(peer);
  }

  private synchronized boolean tryAdmit(Peer newcomer) {
    Object address = newcomer.address;
    boolean hasRoom =
        makeRoom(maxPerAddress, peer -> address != null && address.equals(peer.address))
            && makeRoom(max - max / RESERVED, peer -> newcomer.proxied && peer.proxied)
            && makeRoom(max, peer -> true);
    if (hasRoom) {
      var unused = disconnect(connected.add(newcomer));
    }
    return hasRoom;
  }

  private boolean makeRoom(int most, Predicate<Peer> among) {
    return connected.count(among) < most || disconnect(connected.evict(among));
  }

  private boolean disconnect(@Nullable Peer evicted) {
    if (evicted == null) {
      return false;
    }
    evicted.disconnect();
    refused();
    return true;
  }

  private void refused() {
    ended.incrementAndGet();
    try {
      events.connectionRefused();
    } catch (RuntimeException e) {
      // The connection must be closed nevertheless.
      log.error("A listener of the guard's events failed", e);
    }
  }

  /** Removes a peer whose connection has ended. */
  public void remove(Peer peer) {
    connected.remove(peer);
    peer.leave();
  }

  /** Returns how many connections are open. */
  public int count() {
    return connected.count(peer -> true);
  }

  /** Returns whether an address is a trusted proxy's. */
  public boolean isProxy(@Nullable SocketAddress from) {
    return proxies.contains(from);
  }

  /** Closes current and future unauthenticated connections shortly. */
  void stop() {
    stopping = true;
  }

  /** Returns a filter that adds the peer to the attributes of each connection. */
  public ServerTransportFilter filter() {
    return new ServerTransportFilter() {
      @Override
      @SuppressWarnings("ReferenceEquality")
      public Attributes transportReady(Attributes attributes) {
        // By identity: a client may use one port for connections to two addresses of this machine.
        // A missing peer was removed in the meantime: an exception makes gRPC close the connection.
        var from = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        Peer peer = Iterables.tryFind(connected, candidate -> candidate.from == from).orNull();
        Objects.requireNonNull(peer, "The connection has no peer").ready();
        return attributes.toBuilder()
            .set(Peer.KEY, peer)
            .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, peer.client)
            .build();
      }
    };
  }
}
