package dev.greeter.guard;

import dev.greeter.guard.GuardEvents.Refusal;
import io.github.bucket4j.EstimationProbe;
import io.github.bucket4j.TimeMeter;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Refuses the calls of an address that calls too often, or that has had too many secrets refused,
 * which the check counts. A call counts once, however many messages it has.
 *
 * <p>It belongs outside the check, so that it slows guessing, too. After too many refused secrets,
 * calls with the right one are refused as well: a guesser would learn from the difference which
 * guess was right.
 */
final class RateLimitInterceptor implements ServerInterceptor {

  private final @Nullable CallRate calls;
  private final @Nullable Buckets failures;
  private final Refusals refusals;

  /**
   * Creates the interceptor.
   *
   * @param failures the refused secrets that each address may have; null for no limit
   */
  RateLimitInterceptor(Guard.Builder settings, @Nullable Buckets failures, TimeMeter clock) {
    this.calls =
        settings.callsPerSecond == 0
            ? null
            : new CallRate(settings.callsPerSecond, settings.burst, settings.maxAddresses, clock);
    this.failures = failures;
    this.refusals = new Refusals(settings.events, clock);
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    SocketAddress peer = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    Object address = PeerAddress.of(peer);
    if (address == null) {
      return next.startCall(call, headers);
    }
    if (calls != null && !calls.allows(address)) {
      return refusals.refuse(
          call,
          peer,
          Refusal.ADDRESS_RATE,
          "Too many calls from this address",
          calls.nanosToReturn(address));
    }
    if (failures != null) {
      EstimationProbe one = failures.of(address).estimateAbilityToConsume(1);
      if (!one.canBeConsumed()) {
        return refusals.refuse(
            call,
            peer,
            Refusal.FAILED_AUTHENTICATIONS,
            "Too many refused secrets from this address",
            one.getNanosToWaitForRefill());
      }
    }
    return next.startCall(call, headers);
  }
}
