package dev.greeter.guard;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerCall;
import io.grpc.ServerTransportFilter;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The other end of a connection. It is unauthenticated until one of its calls carries a secret, and
 * again once that secret is no longer accepted: meanwhile it has low limits and gives way to
 * others. A transport that can close connections extends this class.
 */
public class Peer {

  /** The attribute of a connection and its calls that contains the peer. */
  @Grpc.TransportAttr
  public static final Attributes.Key<Peer> KEY = Attributes.Key.create("dev.greeter.guard.peer");

  /** Represents all callers of a server that hides its connections; it is never authenticated. */
  private static final Peer UNKNOWN = new Peer(null);

  final @Nullable SocketAddress from;

  /** Whether the other end of its connection is a proxy. */
  final boolean proxied;

  /** Its address: the other end or, if that is a proxy, the client that the proxy named. */
  volatile @Nullable SocketAddress client;

  /** The {@link PeerAddress} key; null if there is none or a proxy names the client later. */
  volatile @Nullable Object address;

  /** Counts guarded calls from its address unless shared; null before the first. */
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
    this(from, false);
  }

  /**
   * Creates the unauthenticated peer of a new connection.
   *
   * @param proxied whether it is a proxy: no limit of an address applies to it
   */
  protected Peer(@Nullable SocketAddress from, boolean proxied) {
    this.from = from;
    this.proxied = proxied;
    this.client = from;
    this.address = proxied ? null : PeerAddress.of(from);
  }

  /** Returns whether its calls may come from many clients, each with its own address. */
  final boolean isShared() {
    return proxied && address == null;
  }

  /** Returns whether all of its calls come from one client. */
  final boolean isSingle() {
    return this != UNKNOWN && !isShared();
  }

  /** Returns whether its secret also authenticates its calls that carry none. */
  final boolean vouches() {
    return isAuthenticated() && !isShared();
  }

  /** Returns the peer that made a call. */
  public static Peer of(ServerCall<?, ?> call) {
    Peer peer = call.getAttributes().get(KEY);
    return peer == null ? UNKNOWN : peer;
  }

  /**
   * Adds a peer to each connection of a transport that admits all: gRPC cannot close one, so only
   * the calls of an address are limited. Another filter may set another peer.
   */
  static ServerTransportFilter transportFilter(TrustedProxies proxies) {
    return new ServerTransportFilter() {
      @Override
      public Attributes transportReady(Attributes attributes) {
        SocketAddress from = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        return from == null || attributes.get(KEY) != null
            ? attributes
            : attributes.toBuilder().set(KEY, new Peer(from, proxies.contains(from))).build();
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

  /** Called when the HTTP/2 connection is established, before its first call. */
  protected void ready() {}

  /** Called on any thread when a call authenticates the connection. */
  protected void authenticated() {}

  /**
   * Closes the connection after its calls or, if called again, at once. Does nothing by default, as
   * not every transport can. Any thread may call it.
   */
  protected void close() {}

  /** Closes the connection and its calls at once; otherwise like {@link #close}. */
  protected void disconnect() {}

  /**
   * Authenticates the peer: one of its calls has passed the check.
   *
   * @param shown the credential of the call: returns whether it is still accepted
   */
  final void authenticate(BooleanSupplier shown) {
    // Written only if it changes: otherwise other cores would reload it for each call.
    if (credential != shown && this != UNKNOWN) {
      boolean first;
      synchronized (this) {
        first = credential == null;
        credential = shown;
      }
      if (first) {
        authenticated();
      }
    }
  }

  /** Returns whether a call carried a secret that was still accepted at the last check. */
  public final boolean isAuthenticated() {
    return credential != null;
  }

  final @Nullable BooleanSupplier credential() {
    return credential;
  }

  /** Makes the peer unauthenticated and idle if its credential is no longer accepted. */
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

  final synchronized void unauthenticatedCallBegins() {
    openServiceCalls++;
  }

  final synchronized void unauthenticatedCallEnds() {
    openServiceCalls--;
    idleSince = System.nanoTime();
  }

  /** Returns how long it has had no unauthenticated call to an open service. */
  final synchronized long idleNanos(long now) {
    return openServiceCalls > 0 ? 0 : now - idleSince;
  }
}
