package dev.greeter.service.limit;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Ends a call for which no whole message has come for a time, unless its client has half-closed: an
 * idle {@code Chat}, a request that arrives byte by byte, answers that nobody takes.
 *
 * <p>The status is {@code ABORTED}: clients repeat a call that is {@code UNAVAILABLE} by
 * themselves, and take {@code DEADLINE_EXCEEDED} for the deadline that they have set.
 */
public final class IdleCallInterceptor implements ServerInterceptor {

  private static final Status STOPPING =
      Status.UNAVAILABLE.withDescription("The service is stopping: call again");

  private final Set<WaitingCall<?, ?>> waiting = ConcurrentHashMap.newKeySet();
  private final Duration limit;
  private volatile boolean stopping;

  /**
   * Creates the interceptor.
   *
   * @param limit how long a call waits for its next message; it ends within another tenth of that
   * @param timer looks after all calls, until it is shut down
   */
  IdleCallInterceptor(Duration limit, ScheduledExecutorService timer) {
    this.limit = limit;
    long period = Math.max(1, limit.toNanos() / 10);
    // Failures would end the checks without a word; there is nothing in them that throws.
    var unused = timer.scheduleWithFixedDelay(this::endIdle, period, period, TimeUnit.NANOSECONDS);
  }

  /**
   * Ends each call that could go on for as long as its client likes, such as a {@code Chat}, with
   * {@code UNAVAILABLE}, and from now on each new one. A call of one request finishes.
   */
  public void stop() {
    stopping = true;
    waiting.forEach(WaitingCall::stop);
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    var waitingCall = new WaitingCall<>(call);
    waiting.add(waitingCall);
    if (stopping) {
      waitingCall.stop();
    }
    return new SimpleForwardingServerCallListener<>(next.startCall(waitingCall, headers)) {
      @Override
      public void onMessage(ReqT message) {
        waitingCall.heardAt = System.nanoTime();
        super.onMessage(message);
      }

      @Override
      public void onHalfClose() {
        waiting.remove(waitingCall);
        super.onHalfClose();
      }

      @Override
      public void onCancel() {
        waiting.remove(waitingCall);
        super.onCancel();
      }

      @Override
      public void onComplete() {
        waiting.remove(waitingCall);
        super.onComplete();
      }
    };
  }

  private void endIdle() {
    long now = System.nanoTime();
    for (WaitingCall<?, ?> call : waiting) {
      if (now - call.heardAt > limit.toNanos()) {
        String description = "No message came for %d s: call again".formatted(limit.toSeconds());
        call.close(Status.ABORTED.withDescription(description), new Metadata());
      }
    }
  }

  /** A call that the timer may close; what its handler still sends is dropped then. */
  private final class WaitingCall<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {

    private volatile long heardAt = System.nanoTime();
    private final int hash = Long.hashCode(heardAt);
    private boolean closed;

    WaitingCall(ServerCall<ReqT, RespT> delegate) {
      super(delegate);
    }

    void stop() {
      if (!getMethodDescriptor().getType().clientSendsOneMessage()) {
        close(STOPPING, new Metadata());
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
        super.sendMessage(message);
      }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
      waiting.remove(this);
      if (!closed) {
        closed = true;
        super.close(status, trailers);
      }
    }
  }
}
