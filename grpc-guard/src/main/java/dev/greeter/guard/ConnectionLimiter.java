package dev.greeter.guard;

import com.google.common.collect.Iterables;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits the connections of a server. While there are too many, an unauthenticated one gives way to
 * a newcomer, the oldest first.
 */
public final class ConnectionLimiter {

  private static final Logger log = LoggerFactory.getLogger(ConnectionLimiter.class);
  private static final int CHECK_MILLIS = 200;

  private final int max;
  private final int maxPerAddress;
  private final UnauthenticatedPool<Peer> connected;
  private final AtomicLong ended = new AtomicLong();
  private final OncePerMinute warnings = new OncePerMinute(System::nanoTime);
  private volatile boolean stopping;

  /**
   * Sets the limits.
   *
   * @param max connections that are open at once
   * @param maxPerAddress of these, those from one IP address, of IPv6 from a network of 64 bits
   * @param maxUnauthenticated of these, those on which no call has carried a secret yet
   * @param maxUnauthenticatedPerAddress of these, those from one IP address
   */
  public ConnectionLimiter(
      int max, int maxPerAddress, int maxUnauthenticated, int maxUnauthenticatedPerAddress) {
    this.max = max;
    this.maxPerAddress = maxPerAddress;
    this.connected =
        new UnauthenticatedPool<>(
            maxUnauthenticated, maxUnauthenticatedPerAddress, peer -> peer, peer -> false);
  }

  /**
   * Closes unauthenticated connections that are idle, and all of them once the server stops.
   *
   * @param idle how long such a connection may have no call to an open service
   * @param timer runs the checks until it is shut down
   */
  public void closeIdle(Duration idle, ScheduledExecutorService timer) {
    var unused =
        timer.scheduleWithFixedDelay(
            () -> {
              long now = System.nanoTime();
              for (Peer peer : connected) {
                peer.recheck();
                if (!peer.isAuthenticated() && (stopping || peer.idleNanos(now) > idle.toNanos())) {
                  peer.close();
                }
              }
            },
            CHECK_MILLIS,
            CHECK_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  /**
   * Admits a newcomer, if there is room or an unauthenticated peer that gives way.
   *
   * @return whether it is admitted; if not, the transport has to end its connection
   */
  public boolean admit(Peer newcomer) {
    boolean admitted = tryAdmit(newcomer);
    if (!admitted) {
      ended.incrementAndGet();
    }
    if (ended.get() > 0 && warnings.isDue()) {
      log.warn(
          "There are too many connections: {} were refused, or closed for others before they had"
              + " shown the secret, since the last report; {} are open",
          ended.getAndSet(0),
          count());
    }
    return admitted;
  }

  private synchronized boolean tryAdmit(Peer newcomer) {
    boolean full = connected.count(peer -> peer.isFrom(newcomer.address)) >= maxPerAddress;
    if (full || count() >= max) {
      Peer evicted = connected.evict(peer -> !full || peer.isFrom(newcomer.address));
      if (evicted == null) {
        return false;
      }
      disconnect(evicted);
    }
    Peer evicted = connected.add(newcomer);
    if (evicted != null) {
      disconnect(evicted);
    }
    return true;
  }

  private void disconnect(Peer evicted) {
    ended.incrementAndGet();
    evicted.disconnect();
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

  /** Closes unauthenticated connections within a moment, later ones too. */
  public void stop() {
    stopping = true;
  }

  /** Returns a filter that puts its peer among the attributes of each connection. */
  public ServerTransportFilter filter() {
    return new ServerTransportFilter() {
      @Override
      @SuppressWarnings("ReferenceEquality")
      public Attributes transportReady(Attributes attributes) {
        // By the object: a client may use one port for connections to two addresses of this
        // machine. If there is none, it was ended in the meantime: gRPC closes it for an exception.
        var from = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        Peer peer = Iterables.tryFind(connected, candidate -> candidate.from == from).orNull();
        Objects.requireNonNull(peer, "The connection has no peer").ready();
        return attributes.toBuilder().set(Peer.KEY, peer).build();
      }
    };
  }
}
