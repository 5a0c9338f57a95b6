package dev.greeter.guard;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerCall;
import io.grpc.ServerTransportFilter;
import java.net.SocketAddress;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The other end of a connection. It is unauthenticated until one of its calls carries a secret, and
 * again once that secret is no longer accepted: meanwhile it gets a small share, and gives way to
 * others. A transport that can end connections extends it to say how.
 */
public class Peer {

  /** The attribute of a connection, and of its calls, that holds the peer. */
  @Grpc.TransportAttr
  public static final Attributes.Key<Peer> KEY = Attributes.Key.create("dev.greeter.guard.peer");

  /** Stands for all callers without a connection; it is never authenticated. */
  private static final Peer IN_PROCESS = new Peer(null);

  final @Nullable SocketAddress from;

  /** As {@link PeerAddress} separates them; null if there is none. */
  final @Nullable Object address;

  /** Guarded calls from its address, shared with the other peers there; null before the first. */
  volatile @Nullable AtomicInteger callsOfAddress;

  private volatile @Nullable BooleanSupplier credential;
  private volatile boolean gone;
  private int openServiceCalls;
  private long idleSince = System.nanoTime();

  /**
   * Creates the unauthenticated peer of a new connection.
   *
   * @param from the remote address of the connection; null if it has none
   */
  protected Peer(@Nullable SocketAddress from) {
    this.from = from;
    this.address = PeerAddress.of(from);
  }

  /** Returns the peer that made a call. */
  public static Peer of(ServerCall<?, ?> call) {
    Peer peer = call.getAttributes().get(KEY);
    return peer == null ? IN_PROCESS : peer;
  }

  /**
   * Gives a peer to each connection of a transport that admits everybody: gRPC has no way to end
   * one, so only the calls of an address are limited. Another filter may set another peer.
   */
  static ServerTransportFilter transportFilter() {
    return new ServerTransportFilter() {
      @Override
      public Attributes transportReady(Attributes attributes) {
        SocketAddress from = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        return from == null || attributes.get(KEY) != null
            ? attributes
            : attributes.toBuilder().set(KEY, new Peer(from)).build();
      }

      /** The attributes are null if the connection ended before its first SETTINGS. */
      @Override
      public void transportTerminated(@Nullable Attributes attributes) {
        Peer peer = attributes == null ? null : attributes.get(KEY);
        if (peer != null) {
          peer.leave();
        }
      }
    };
  }

  /** Is called when the HTTP/2 connection is established, before its first call. */
  protected void ready() {}

  /**
   * Ends the connection after its calls or, if called again, at once. By default it does nothing,
   * as a transport may have no way to. Any thread may call it.
   */
  protected void close() {}

  /** Ends the connection and its calls at once; otherwise like {@link #close}. */
  protected void disconnect() {}

  /**
   * Authenticates the peer: one of its calls has passed the check.
   *
   * @param shown the credential of the call: returns whether it is still accepted
   */
  final void authenticate(BooleanSupplier shown) {
    // Written only if it changes: the other cores would have to fetch it for each call.
    if (credential != shown && this != IN_PROCESS) {
      synchronized (this) {
        credential = shown;
      }
    }
  }

  /** Returns whether a call of this connection carried a secret that was accepted lately. */
  public final boolean isAuthenticated() {
    return credential != null;
  }

  final @Nullable BooleanSupplier credential() {
    return credential;
  }

  /** Makes the peer unauthenticated, and idle from now on, if its credential has ended. */
  final synchronized void recheck() {
    if (credential != null && !credential.getAsBoolean()) {
      credential = null;
      idleSince = System.nanoTime();
    }
  }

  final void leave() {
    gone = true;
  }

  final boolean isGone() {
    return gone;
  }

  final boolean isFrom(@Nullable Object other) {
    return Objects.equals(address, other);
  }

  final synchronized void unauthenticatedCallBegins() {
    openServiceCalls++;
  }

  final synchronized void unauthenticatedCallEnds() {
    openServiceCalls--;
    idleSince = System.nanoTime();
  }

  /** Returns for how long it has had no open call that the check does not refuse. */
  final synchronized long idleNanos(long now) {
    return openServiceCalls > 0 ? 0 : now - idleSince;
  }
}
