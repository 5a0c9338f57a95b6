package dev.greeter.guard.limit;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.EstimationProbe;
import io.github.bucket4j.TimeMeter;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.net.SocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Refuses the calls of an address that calls too often, or that has had too many secrets refused. A
 * call counts once, however many messages it has.
 *
 * <p>It belongs outside the auth check. Refused secrets are the calls that end with {@code
 * UNAUTHENTICATED}, but for those that were let through and whose secret is gone; calls of the same
 * address that pass the check at the same moment are not held back. After too many, calls with the
 * right secret are refused as well: whoever guesses would learn from the difference which guess was
 * right.
 */
final class RateLimitInterceptor implements ServerInterceptor {

  private final @Nullable CallRate calls;
  private final @Nullable Buckets failures;
  private final Refusals refusals;

  RateLimitInterceptor(RateLimit settings, TimeMeter clock) {
    this.calls =
        settings.callsPerSecond() == 0
            ? null
            : new CallRate(
                settings.callsPerSecond(), settings.burst(), settings.maxAddresses(), clock);
    int perMinute = settings.failedAuthenticationsPerMinute();
    this.failures =
        perMinute == 0
            ? null
            : new Buckets(
                perMinute, Duration.ofMinutes(1), perMinute, settings.maxAddresses(), clock);
    this.refusals = new Refusals(clock);
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    if (calls == null && failures == null) {
      return next.startCall(call, headers);
    }
    SocketAddress peer = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    Object address = PeerAddress.of(peer);
    if (calls != null && !calls.allows(address)) {
      return refusals.refuse(
          call, peer, "Too many calls from this address", calls.nanosToReturn(address));
    }
    if (failures == null) {
      return next.startCall(call, headers);
    }
    Bucket left = failures.of(address);
    EstimationProbe one = left.estimateAbilityToConsume(1);
    if (!one.canBeConsumed()) {
      return refusals.refuse(
          call, peer, "Too many refused secrets from this address", one.getNanosToWaitForRefill());
    }
    return next.startCall(
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            if (status.getCode() == Status.Code.UNAUTHENTICATED
                && status != CallLimitInterceptor.SECRET_GONE) {
              left.tryConsume(1);
            }
            super.close(status, trailers);
          }
        },
        headers);
  }
}
