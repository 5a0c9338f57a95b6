package dev.greeter.guard.access;

import dev.greeter.guard.limit.Client;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A call, and what its line says. The fields have no lock: gRPC tells of the end after it has taken
 * the last answer. Of a call that is cut off, an answer may be missing in the count.
 */
final class LoggedCall<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT>
    implements Consumer<Client> {

  final @Nullable String traceparent;
  final long startedAt;
  int requests;
  int responses;
  @Nullable Client client;
  private @Nullable Code status;

  LoggedCall(ServerCall<ReqT, RespT> delegate, @Nullable String traceparent, long startedAt) {
    super(delegate);
    this.traceparent = traceparent;
    this.startedAt = startedAt;
  }

  /** Returns the status that the service gave, or another one if it gave none. */
  Code statusOr(Code other) {
    return status == null ? other : status;
  }

  /** Takes whose call it is. */
  @Override
  public void accept(Client accepted) {
    client = accepted;
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
