package dev.greeter.guard;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a call whose handler failed with the status of {@link ExceptionStatus}, whether the
 * handler threw or answered with {@code onError}.
 */
final class ExceptionInterceptor implements ServerInterceptor {

  private static final Logger log = LoggerFactory.getLogger(ExceptionInterceptor.class);

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    var guarded = new GuardedCall<>(call);
    try {
      return new GuardedListener<>(next.startCall(guarded, headers), guarded);
    } catch (Throwable e) {
      guarded.fail(e);
      return new ServerCall.Listener<>() {};
    }
  }

  /** Closes the call at most once. */
  private static final class GuardedCall<ReqT, RespT>
      extends SimpleForwardingServerCall<ReqT, RespT> {

    // A handler may close the call from a thread of its own.
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile @Nullable Throwable answered;

    GuardedCall(ServerCall<ReqT, RespT> delegate) {
      super(delegate);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      // What StreamObserver.onError makes of an exception that has no status.
      if (status.getCode() == Status.Code.UNKNOWN && status.getCause() != null) {
        fail(status.getCause());
      } else if (status.getCause() instanceof InvalidProtocolBufferException) {
        fail(status.asRuntimeException()); // Another interceptor has caught it before.
      } else if (closed.compareAndSet(false, true)) {
        super.close(status, trailers);
      }
    }

    // The same object: a handler that answers with an exception may throw it on top.
    @SuppressWarnings("ReferenceEquality")
    void fail(Throwable failure) {
      if (closed.compareAndSet(false, true)) {
        answered = failure;
        ExceptionStatus answer = ExceptionStatus.of(failure);
        delegate().close(answer.status(), answer.trailers());
      } else if (failure != answered && ExceptionStatus.isOurs(failure)) {
        // What is the caller's fault is not logged: there may be any number of it.
        log.error("A handler failed after its call had ended", failure);
      }
    }

    boolean isClosed() {
      return closed.get();
    }
  }

  /** Delivers events until the call is closed; its end is always delivered. */
  private static final class GuardedListener<ReqT>
      extends SimpleForwardingServerCallListener<ReqT> {

    private final GuardedCall<ReqT, ?> call;

    GuardedListener(ServerCall.Listener<ReqT> delegate, GuardedCall<ReqT, ?> call) {
      super(delegate);
      this.call = call;
    }

    @Override
    public void onMessage(ReqT message) {
      if (!call.isClosed()) {
        guard(() -> super.onMessage(message));
      }
    }

    @Override
    public void onHalfClose() {
      if (!call.isClosed()) {
        guard(super::onHalfClose);
      }
    }

    @Override
    public void onReady() {
      if (!call.isClosed()) {
        guard(super::onReady);
      }
    }

    @Override
    public void onCancel() {
      guard(super::onCancel);
    }

    @Override
    public void onComplete() {
      guard(super::onComplete);
    }

    private void guard(Runnable event) {
      try {
        event.run();
      } catch (Throwable e) {
        call.fail(e);
      }
    }
  }
}
