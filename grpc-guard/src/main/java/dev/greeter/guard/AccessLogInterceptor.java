package dev.greeter.guard;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status.Code;

/**
 * Notifies the access log of how each call ends: with the status that the service gave, or if the
 * call was cut off before there was one, with {@code DEADLINE_EXCEEDED} or {@code CANCELLED}. Of
 * the metadata it keeps {@code traceparent} and nothing else.
 */
final class AccessLogInterceptor implements ServerInterceptor {

  private static final Metadata.Key<String> TRACEPARENT =
      Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);

  private final AccessLogWriter log;

  AccessLogInterceptor(AccessLogWriter log) {
    this.log = log;
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    var logged = new LoggedCall<>(call, headers.get(TRACEPARENT), log.now());
    ServerCall.Listener<ReqT> listener = start(logged, headers, next);
    if (logged.isClosed()) {
      end(
          logged,
          Code.UNKNOWN); // Armeria says nothing of the end of a call that closed this early.
    }
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onMessage(ReqT message) {
        logged.requests++;
        super.onMessage(message);
      }

      @Override
      public void onComplete() {
        end(logged, Code.UNKNOWN);
        super.onComplete();
      }

      @Override
      public void onCancel() {
        Deadline deadline = Context.current().getDeadline();
        boolean late = deadline != null && deadline.isExpired();
        end(logged, late ? Code.DEADLINE_EXCEEDED : Code.CANCELLED);
        super.onCancel();
      }
    };
  }

  private void end(LoggedCall<?, ?> call, Code otherwise) {
    if (!call.ended) {
      call.ended = true;
      log.ended(call, call.statusOr(otherwise));
    }
  }

  /** Lets the check, which is further in, say whose call it is. */
  private static <ReqT, RespT> ServerCall.Listener<ReqT> start(
      LoggedCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    Context inside = Context.current().withValue(LoggedCall.KEY, call);
    Context outside = inside.attach();
    try {
      return next.startCall(call, headers);
    } finally {
      inside.detach(outside);
    }
  }
}
