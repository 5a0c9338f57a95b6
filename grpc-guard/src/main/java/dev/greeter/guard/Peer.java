package dev.greeter.guard;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerCall;
import java.net.SocketAddress;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The other end of a connection. It is unauthenticated until a call of it has shown a secret, and
 * again once that secret is no longer accepted: meanwhile it gets a small share, and gives way to
 * others. A transport that can end connections extends it to say how.
 */
public class Peer {

  /** Where a transport keeps the peer of its connection. */
  @Grpc.TransportAttr
  public static final Attributes.Key<Peer> KEY = Attributes.Key.create("dev.greeter.guard.peer");

  /** Stands for all callers without a connection; it is never authenticated. */
  private static final Peer INSIDE = new Peer(null);

  private final @Nullable SocketAddress from;
  private final @Nullable Object address;
  // Shared by all peers of the address once one of them is admitted.
  private AtomicInteger callsOfAddress = new AtomicInteger();
  private volatile @Nullable BooleanSupplier proof;
  private volatile boolean gone;
  private int openCalls;
  private long idleSince = System.nanoTime();

  /**
   * Creates the peer of a new connection, a stranger.
   *
   * @param from where the connection comes from; null if it has no address
   */
  protected Peer(@Nullable SocketAddress from) {
    this.from = from;
    this.address = PeerAddress.of(from);
  }

  /** Returns who has made a call. */
  public static Peer of(ServerCall<?, ?> call) {
    Peer peer = call.getAttributes().get(KEY);
    return peer == null ? INSIDE : peer;
  }

  /**
   * Ends its connection after its calls, or if asked again, at once. It does nothing where the
   * transport has no way to; any thread may call it.
   */
  protected void close() {}

  /** Ends its connection at once, with all that is open there; as {@link #close}. */
  protected void disconnect() {}

  /**
   * Notes that a call has passed the check of the secret.
   *
   * @param shown by what: returns whether it is still accepted; the next call most likely shows the
   *     same
   */
  public final void accept(BooleanSupplier shown) {
    // Not written again and again: the other cores would have to fetch it each time.
    if (proof != shown && this != INSIDE) {
      synchronized (this) {
        proof = shown;
      }
    }
  }

  /**
   * Returns whether a call has passed the check of the secret, over a connection, with a secret
   * that was accepted at the last {@link #recheck}.
   */
  public final boolean isAccepted() {
    return proof != null;
  }

  /** Returns by what its latest call has passed the check; null if nothing of it still counts. */
  final @Nullable BooleanSupplier proof() {
    return proof;
  }

  /** Makes the peer unauthenticated again, and idle from now on, once its proof has ended. */
  final synchronized void recheck() {
    if (proof != null && !proof.getAsBoolean()) {
      proof = null;
      idleSince = System.nanoTime();
    }
  }

  /** Notes that its connection has ended. */
  final void leave() {
    gone = true;
  }

  /** Returns whether its connection has ended, and with it all of its calls. */
  final boolean isGone() {
    return gone;
  }

  /** Returns the address of its connection, the very object that its transport has. */
  final @Nullable SocketAddress from() {
    return from;
  }

  /** Returns where it is from, as {@link PeerAddress} tells addresses apart. */
  final @Nullable Object address() {
    return address;
  }

  /** Returns whether it is from an address, as {@link PeerAddress} separates them. */
  final boolean isFrom(@Nullable Object other) {
    return Objects.equals(address, other);
  }

  /** Returns how many guarded calls are open from its address. */
  final AtomicInteger callsOfAddress() {
    return callsOfAddress;
  }

  /** Counts its guarded calls with those of the other peers of its address. */
  final void shareCalls(AtomicInteger ofAddress) {
    callsOfAddress = ofAddress;
  }

  /** Notes that a call of a stranger begins. */
  final synchronized void begin() {
    openCalls++;
  }

  /** Notes that a call of a stranger has ended. */
  final synchronized void end() {
    openCalls--;
    idleSince = System.nanoTime();
  }

  /**
   * Returns for how long a stranger has had no open call, in nanoseconds; those that the check
   * refuses are none.
   *
   * @param now of {@link System#nanoTime()}
   */
  final synchronized long idleNanos(long now) {
    return openCalls > 0 ? 0 : now - idleSince;
  }
}
