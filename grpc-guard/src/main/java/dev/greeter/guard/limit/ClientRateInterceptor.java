package dev.greeter.guard.limit;

import io.github.bucket4j.TimeMeter;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.function.Consumer;

/** Refuses the calls of a client that calls too often, wherever they come from. */
final class ClientRateInterceptor implements ServerInterceptor {

  private final CallRate calls;
  private final Consumer<String> refused;
  private final Refusals refusals;

  ClientRateInterceptor(RateLimit settings, Consumer<String> refused, TimeMeter clock) {
    // As many as there are names, which nobody outside can make more.
    this.calls =
        new CallRate(settings.clientCallsPerSecond(), settings.burst(), Integer.MAX_VALUE, clock);
    this.refused = refused;
    this.refusals = new Refusals(clock);
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    Client client = Client.KEY.get();
    if (client == null || calls.allows(client.name())) {
      return next.startCall(call, headers);
    }
    refused.accept(client.name());
    return refusals.refuse(
        call,
        "client " + client.name(),
        "Too many calls of this client",
        calls.nanosToReturn(client.name()));
  }
}
