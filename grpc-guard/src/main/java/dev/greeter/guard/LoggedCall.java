package dev.greeter.guard;

import dev.greeter.guard.caller.Client;
import io.grpc.Context;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.Status.Code;
import org.jspecify.annotations.Nullable;

/**
 * A call, and what its line says. The fields have no lock: gRPC tells of the end after it has taken
 * the last answer. Of a call that is cut off, an answer may be missing in the count.
 */
final class LoggedCall<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {

  /** Where the check, which is further in, finds the call to say whose it is. */
  static final Context.Key<LoggedCall<?, ?>> KEY = Context.key("dev.greeter.guard.logged-call");

  final @Nullable String traceparent;
  final long startedAt;
  int requests;
  int responses;
  @Nullable Client client;
  boolean ended;
  private @Nullable Code status;

  LoggedCall(ServerCall<ReqT, RespT> delegate, @Nullable String traceparent, long startedAt) {
    super(delegate);
    this.traceparent = traceparent;
    this.startedAt = startedAt;
  }

  /** Returns whether the service has closed it. */
  boolean isClosed() {
    return status != null;
  }

  /** Returns the status that the service gave, or another one if it gave none. */
  Code statusOr(Code other) {
    return status == null ? other : status;
  }

  @Override
  public void sendMessage(RespT message) {
    responses++;
    super.sendMessage(message);
  }

  @Override
  public void close(Status status, Metadata trailers) {
    this.status = status.getCode();
    super.close(status, trailers);
  }
}
