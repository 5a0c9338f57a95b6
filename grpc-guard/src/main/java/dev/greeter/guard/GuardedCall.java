package dev.greeter.guard;

import dev.greeter.guard.GuardEvents.Refusal;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call that both its handler and the guard can end. Failures of the handler are mapped as {@link
 * Guard} describes. Anything the handler sends after the end is dropped.
 */
final class GuardedCall<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {

  private static final Logger log = LoggerFactory.getLogger(GuardedCall.class);

  final Peer peer;

  /** The client's address as a {@link PeerAddress} key; null if there is none. */
  final @Nullable Object address;

  /** The counter of that address if the peer is shared; null until this call is counted. */
  volatile @Nullable AtomicInteger callsOfAddress;

  /** Whether it calls an open service and its peer was unauthenticated at its start. */
  final boolean unauthenticated;

  /** The credential of the call, otherwise of its connection; null if there is none. */
  final @Nullable BooleanSupplier credential;

  final long startedAt = System.nanoTime();

  private final Guard.Builder settings;
  private final @Nullable Client client;
  private final int hash = Long.hashCode(startedAt);
  private volatile long messageAt = startedAt;
  private volatile boolean requestComplete;
  private volatile boolean closed;
  private volatile boolean endedByGuard;
  private volatile @Nullable Throwable answered;

  GuardedCall(
      ServerCall<ReqT, RespT> delegate,
      Peer peer,
      boolean unauthenticated,
      @Nullable Client client,
      Guard.Builder settings) {
    super(delegate);
    this.peer = peer;
    this.address = peer.isShared() ? PeerAddress.ofCall(delegate) : peer.address;
    this.unauthenticated = unauthenticated;
    this.client = client;
    PresentedSecret unnamed = PresentedSecret.KEY.get();
    this.credential =
        client != null ? client::isAccepted : unnamed != null ? unnamed : peer.credential();
    this.settings = settings;
  }

  /** Returns whether its secret still permits its method. */
  boolean isPermitted() {
    return !(client instanceof PresentedSecret secret) || secret.stillPermits(this);
  }

  void messagePassed() {
    messageAt = System.nanoTime();
  }

  void requestComplete() {
    requestComplete = true;
  }

  boolean isClosed() {
    return closed;
  }

  boolean wasEndedByGuard() {
    return endedByGuard;
  }

  @Override
  public boolean isCancelled() {
    return endedByGuard || super.isCancelled();
  }

  /** Returns how long the server has been waiting for the client, in nanoseconds. */
  long idleNanos(long now) {
    boolean answerNotReceived = unauthenticated && closed;
    return requestComplete && !answerNotReceived ? 0 : now - messageAt;
  }

  /** Returns whether its request is complete, but it may stay open for long. */
  boolean isHeld() {
    return requestComplete && !getMethodDescriptor().getType().serverSendsOneMessage();
  }

  /** Returns whether its client can keep it open indefinitely. */
  boolean isLongLived() {
    MethodType type = getMethodDescriptor().getType();
    return unauthenticated
        || !type.serverSendsOneMessage()
        || !type.clientSendsOneMessage() && !requestComplete;
  }

  /**
   * Ends the call, or the connection if an unauthenticated client does not receive the end of a
   * closed call.
   */
  void end(Status status, Refusal reason) {
    if (closeOnce(status, new Metadata(), null, true)) {
      settings.events.refused(reason, this, client);
    } else if (unauthenticated && !peer.isAuthenticated()) {
      peer.disconnect();
    }
  }

  // Object.hashCode() costs a tenth of a whole call.
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
      if (!unauthenticated
          && !getMethodDescriptor().getType().serverSendsOneMessage()
          && isReady()) {
        messagePassed(); // The client has received the previous messages.
      }
      super.sendMessage(message);
    }
  }

  @Override
  public void close(Status status, Metadata trailers) {
    Throwable cause = status.getCause();
    // StreamObserver.onError turns an exception without a status into this.
    if (status.getCode() == Status.Code.UNKNOWN
        && cause != null
        && status.getDescription() == null
        && trailers.keys().isEmpty()) {
      fail(cause);
    } else {
      var unused = closeOnce(status, trailers, cause, false);
    }
  }

  /** Closes the call with the status of the handler's exception, thrown or sent. */
  // By identity: a handler that answers with an exception may also throw it.
  @SuppressWarnings("ReferenceEquality")
  void fail(Throwable failure) {
    Metadata trailers = null;
    Status status = Status.UNKNOWN;
    // Not the status of a cause: it may be another service's.
    if (failure instanceof StatusRuntimeException || failure instanceof StatusException) {
      status = Status.fromThrowable(failure);
      trailers = Status.trailersFromThrowable(failure);
    } else if (failure != answered) {
      status = chosen(failure);
    }
    var unused = closeOnce(status, trailers == null ? new Metadata() : trailers, failure, false);
  }

  private Status chosen(Throwable failure) {
    Status chosen = null;
    try {
      chosen = settings.failures.apply(failure);
    } catch (RuntimeException e) {
      failure.addSuppressed(e); // The call must not stay open.
    }
    if (chosen == null) {
      log.error(closed ? "A handler failed after its call had ended" : "A handler failed", failure);
      chosen = Status.INTERNAL.withDescription("Internal error");
    }
    return chosen;
  }

  private synchronized boolean closeOnce(
      Status status, Metadata trailers, @Nullable Throwable answer, boolean byGuard) {
    if (closed) {
      return false;
    }
    // Set before another thread can see the end.
    answered = answer;
    endedByGuard = byGuard;
    closed = true;
    if (unauthenticated) {
      messagePassed();
    }
    super.close(status, trailers);
    return true;
  }
}
