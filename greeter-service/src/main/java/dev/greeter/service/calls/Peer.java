package dev.greeter.service.calls;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerCall;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The other end of a connection. It is a stranger until a call of it has shown the secret: until
 * then it gets a small share, and gives way to others.
 */
public final class Peer {

  /** Where a transport keeps the peer of its connection. */
  @Grpc.TransportAttr
  public static final Attributes.Key<Peer> KEY = Attributes.Key.create("dev.greeter.peer");

  /** Stands for whoever has no connection, within the process; never more than a stranger. */
  private static final Peer INSIDE = new Peer("none", new AtomicInteger(), () -> {});

  private final Object address;
  private final AtomicInteger callsOfAddress;
  private final Runnable disconnect;
  private volatile boolean accepted;
  private int openCalls;
  private long idleSince = System.nanoTime();

  /**
   * Creates the peer of a new connection, a stranger.
   *
   * @param address as {@link PeerAddress} tells them apart
   * @param callsOfAddress the guarded calls that are open, shared by all peers of the address
   * @param disconnect ends the connection at once; may be run by any thread
   */
  public Peer(Object address, AtomicInteger callsOfAddress, Runnable disconnect) {
    this.address = address;
    this.callsOfAddress = callsOfAddress;
    this.disconnect = disconnect;
  }

  /** Returns who has made a call. */
  public static Peer of(ServerCall<?, ?> call) {
    Peer peer = call.getAttributes().get(KEY);
    return peer == null ? INSIDE : peer;
  }

  /** Notes that a call has passed the check of the secret. */
  public void accept() {
    // Not written again and again: the other cores would have to fetch it each time.
    if (!accepted && this != INSIDE) {
      accepted = true;
    }
  }

  /** Returns whether a call has ever passed the check of the secret, over a connection. */
  public boolean isAccepted() {
    return accepted;
  }

  /** Returns whether it is from an address, as {@link PeerAddress} tells them apart. */
  public boolean isFrom(Object other) {
    return address.equals(other);
  }

  /** Returns where it is from, as {@link PeerAddress} tells addresses apart. */
  Object address() {
    return address;
  }

  /** Returns how many guarded calls are open from its address. */
  AtomicInteger callsOfAddress() {
    return callsOfAddress;
  }

  /** Ends its connection, with all that is open there. */
  void disconnect() {
    disconnect.run();
  }

  /** Notes that a call of a stranger begins. */
  synchronized void begin() {
    openCalls++;
  }

  /** Notes that a call of a stranger has ended. */
  synchronized void end() {
    openCalls--;
    idleSince = System.nanoTime();
  }

  /**
   * Returns for how long a stranger has had no open call, in nanoseconds; those that the check
   * refuses are none.
   *
   * @param now of {@link System#nanoTime()}
   */
  public synchronized long idleNanos(long now) {
    return openCalls > 0 ? 0 : now - idleSince;
  }
}
