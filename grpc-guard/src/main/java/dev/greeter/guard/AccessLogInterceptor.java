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
    return new SimpleForwardingServerCallListener<>(start(logged, headers, next)) {
      @Override
      public void onMessage(ReqT message) {
        logged.requests++;
        super.onMessage(message);
      }

      @Override
      public void onComplete() {
        log.ended(logged, logged.statusOr(Code.UNKNOWN));
        super.onComplete();
      }

      @Override
      public void onCancel() {
        Deadline deadline = Context.current().getDeadline();
        boolean late = deadline != null && deadline.isExpired();
        log.ended(logged, logged.statusOr(late ? Code.DEADLINE_EXCEEDED : Code.CANCELLED));
        super.onCancel();
      }
    };
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
