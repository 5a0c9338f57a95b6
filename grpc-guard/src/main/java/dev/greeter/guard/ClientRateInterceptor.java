package dev.greeter.guard;

import dev.greeter.guard.GuardEvents.Refusal;
import dev.greeter.guard.caller.Client;
import io.github.bucket4j.TimeMeter;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/** Refuses the calls of a client that calls too often, wherever they come from. */
final class ClientRateInterceptor implements ServerInterceptor {

  private final CallRate calls;
  private final Refusals refusals;

  ClientRateInterceptor(Guard.Builder settings, TimeMeter clock) {
    // As many as there are names, which nobody outside can make more.
    this.calls =
        new CallRate(settings.callsPerSecondOfClient, settings.burst, Integer.MAX_VALUE, clock);
    this.refusals = new Refusals(settings.events, clock);
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    Client client = Client.KEY.get();
    if (client == null || calls.allows(client.name())) {
      return next.startCall(call, headers);
    }
    return refusals.refuse(
        call,
        client,
        Refusal.CLIENT_RATE,
        "Too many calls of this client",
        calls.nanosToReturn(client.name()));
  }
}
