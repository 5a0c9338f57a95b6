package dev.greeter.guard;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a call whose handler has thrown an exception, or answered with one in {@code onError}, as
 * {@link Guard} describes.
 */
final class ExceptionInterceptor implements ServerInterceptor {

  private static final Logger log = LoggerFactory.getLogger(ExceptionInterceptor.class);

  private final Function<Throwable, @Nullable Status> statusOf;

  ExceptionInterceptor(Function<Throwable, @Nullable Status> statusOf) {
    this.statusOf = statusOf;
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    var guarded = new GuardedCall<>(call, statusOf);
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

    private final Function<Throwable, @Nullable Status> statusOf;
    // A handler may close the call from a thread of its own.
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile @Nullable Throwable answered;

    GuardedCall(ServerCall<ReqT, RespT> delegate, Function<Throwable, @Nullable Status> statusOf) {
      super(delegate);
      this.statusOf = statusOf;
    }

    @Override
    public void close(Status status, Metadata trailers) {
      // What StreamObserver.onError makes of an exception that has no status.
      if (status.getCode() == Status.Code.UNKNOWN
          && status.getCause() != null
          && status.getDescription() == null
          && trailers.keys().isEmpty()) {
        fail(status.getCause());
      } else if (closed.compareAndSet(false, true)) {
        answered = status.getCause();
        super.close(status, trailers);
      }
    }

    // The same object: a handler that answers with an exception may throw it on top.
    @SuppressWarnings("ReferenceEquality")
    void fail(Throwable failure) {
      Metadata trailers = null; // Not those of a cause, which may be another service's.
      Status status = Status.UNKNOWN;
      if (failure instanceof StatusRuntimeException e) {
        status = e.getStatus();
        trailers = e.getTrailers();
      } else if (failure instanceof StatusException e) {
        status = e.getStatus();
        trailers = e.getTrailers();
      } else if (failure != answered) {
        Status chosen = chosen(failure);
        if (chosen == null) {
          log.error(
              closed.get() ? "A handler failed after its call had ended" : "A handler failed",
              failure);
          chosen = Status.INTERNAL.withDescription("Internal error");
        }
        status = chosen;
      }
      if (closed.compareAndSet(false, true)) {
        answered = failure;
        delegate().close(status, trailers == null ? new Metadata() : trailers);
      }
    }

    /** A function that fails must not leave the call open. */
    private @Nullable Status chosen(Throwable failure) {
      try {
        return statusOf.apply(failure);
      } catch (RuntimeException e) {
        failure.addSuppressed(e);
        return null;
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
