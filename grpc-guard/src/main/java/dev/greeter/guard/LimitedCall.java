package dev.greeter.guard;

import dev.greeter.guard.GuardEvents.Refusal;
import dev.greeter.guard.caller.Client;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A call that others than its handler may end; what the handler still sends is dropped then. */
final class LimitedCall<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {

  final Peer peer;

  /** Whether it is to an open service, by somebody who has not shown the secret. */
  final boolean stranger;

  /** What it, or else its connection, has shown; null if nothing, or there is no connection. */
  final @Nullable BooleanSupplier proof;

  /** Whose it is; null if its secret has no name, or it needs none. */
  final @Nullable Client client;

  private final GuardEvents events;

  final long startedAt = System.nanoTime();
  private final int hash = Long.hashCode(startedAt);
  private volatile long heardAt = startedAt;
  private volatile boolean requestComplete;
  private volatile boolean answered;
  private volatile boolean closed;
  private volatile boolean ended;

  LimitedCall(
      ServerCall<ReqT, RespT> delegate,
      Peer peer,
      boolean stranger,
      @Nullable Client client,
      GuardEvents events) {
    super(delegate);
    this.peer = peer;
    this.stranger = stranger;
    this.client = client;
    this.proof = client == null ? peer.proof() : client::isAccepted;
    this.events = events;
  }

  /** Notes that the client has sent a message, or taken one. */
  void heard() {
    heardAt = System.nanoTime();
  }

  /** Notes that the client has half-closed. */
  void requestComplete() {
    requestComplete = true;
  }

  /** Returns whether the handler still gets what the client sends. */
  boolean isOpen() {
    return !closed;
  }

  /** Returns whether another than its handler has ended it. */
  boolean wasEnded() {
    return ended;
  }

  @Override
  public boolean isCancelled() {
    return ended || super.isCancelled();
  }

  /** Returns for how long it is the client's turn, in nanoseconds. */
  long idleNanos(long now) {
    boolean untaken = stranger && answered;
    return requestComplete && !untaken ? 0 : now - heardAt;
  }

  /** Returns whether it waits for nothing more from its client, and can still go on for long. */
  boolean isHeld() {
    return requestComplete && !getMethodDescriptor().getType().serverSendsOneMessage();
  }

  /** Returns whether a stop has to end it: it could go on for as long as its client likes. */
  boolean couldLast() {
    MethodType type = getMethodDescriptor().getType();
    return stranger
        || !type.serverSendsOneMessage()
        || !type.clientSendsOneMessage() && !requestComplete;
  }

  /**
   * Ends the call; if it is answered already and its unauthenticated client does not take that, its
   * connection.
   */
  void end(Status status, Refusal reason) {
    if (closeFirst(status, new Metadata(), true)) {
      events.refused(reason, this, client);
    } else if (stranger && !peer.isAccepted()) {
      peer.disconnect();
    }
  }

  // That of Object is made by the VM, at a tenth of the cost of a whole call.
  @Override
  public int hashCode() {
    return hash;
  }

  // A ServerCall is not thread-safe.
  @Override
  public synchronized void sendHeaders(Metadata headers) {
    if (!closed) {
      super.sendHeaders(headers);
    }
  }

  @Override
  public synchronized void sendMessage(RespT message) {
    if (!closed) {
      if (!stranger && !getMethodDescriptor().getType().serverSendsOneMessage() && isReady()) {
        heard(); // What was sent before has been taken.
      }
      super.sendMessage(message);
    }
  }

  @Override
  public void close(Status status, Metadata trailers) {
    var unused = closeFirst(status, trailers, false);
  }

  private synchronized boolean closeFirst(Status status, Metadata trailers, boolean byAnother) {
    if (closed) {
      return false;
    }
    closed = true;
    ended = byAnother; // Before the end is heard of, on whatever thread.
    if (stranger) {
      heardAt = System.nanoTime();
      answered = true;
    }
    super.close(status, trailers);
    return true;
  }
}
