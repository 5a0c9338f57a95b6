package dev.greeter.guard;

import dev.greeter.guard.GuardEvents.Refusal;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call that the guard may end as well as its handler, whose failures get a status as {@link
 * Guard} describes. What the handler sends after the end is dropped.
 */
final class GuardedCall<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {

  private static final Logger log = LoggerFactory.getLogger(GuardedCall.class);

  final Peer peer;

  /** Whether it is to an open service, and its peer had not authenticated when it began. */
  final boolean unauthenticated;

  /** The credential of the call or else of its connection; null if there is none. */
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
    this.unauthenticated = unauthenticated;
    this.client = client;
    this.credential = client == null ? peer.credential() : client::isAccepted;
    this.settings = settings;
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

  /** Returns for how many nanoseconds the server has been waiting for the client. */
  long idleNanos(long now) {
    boolean answerNotReceived = unauthenticated && closed;
    return requestComplete && !answerNotReceived ? 0 : now - messageAt;
  }

  /** Returns whether it waits for nothing more from its client, and may still last for long. */
  boolean isHeld() {
    return requestComplete && !getMethodDescriptor().getType().serverSendsOneMessage();
  }

  /** Returns whether it may last for as long as its client likes. */
  boolean isLongLived() {
    MethodType type = getMethodDescriptor().getType();
    return unauthenticated
        || !type.serverSendsOneMessage()
        || !type.clientSendsOneMessage() && !requestComplete;
  }

  /**
   * Ends the call or, if it is closed already and its unauthenticated client does not receive that,
   * the connection.
   */
  void end(Status status, Refusal reason) {
    if (closeOnce(status, new Metadata(), null, true)) {
      settings.events.refused(reason, this, client);
    } else if (unauthenticated && !peer.isAuthenticated()) {
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
      if (!unauthenticated
          && !getMethodDescriptor().getType().serverSendsOneMessage()
          && isReady()) {
        messagePassed(); // The client has received what was sent before.
      }
      super.sendMessage(message);
    }
  }

  @Override
  public void close(Status status, Metadata trailers) {
    Throwable cause = status.getCause();
    // What StreamObserver.onError makes of an exception that has no status.
    if (status.getCode() == Status.Code.UNKNOWN
        && cause != null
        && status.getDescription() == null
        && trailers.keys().isEmpty()) {
      fail(cause);
    } else {
      var unused = closeOnce(status, trailers, cause, false);
    }
  }

  /** Closes the call with the status of what its handler has thrown, or answered with. */
  // The same object: a handler that answers with an exception may throw it on top.
  @SuppressWarnings("ReferenceEquality")
  void fail(Throwable failure) {
    Metadata trailers = null;
    Status status = Status.UNKNOWN;
    // Not the status of a cause, which may be another service's.
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
    // All of it before others can see the end, on whatever thread.
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
