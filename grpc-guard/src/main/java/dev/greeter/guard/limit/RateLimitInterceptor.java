package dev.greeter.guard.limit;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
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
 * UNAUTHENTICATED}; calls of the same address that pass the check at the same moment are not held
 * back. After too many, calls with the right secret are refused as well: whoever guesses would
 * learn from the difference which guess was right.
 */
final class RateLimitInterceptor implements ServerInterceptor {

  /** The longest queue of callers that are to come back; whoever is beyond it is told its end. */
  private static final int MAX_WAIT_SECONDS = 10;

  private final @Nullable AddressBuckets calls;
  private final @Nullable AddressBuckets returns;
  private final @Nullable AddressBuckets failures;
  private final Refusals refusals;

  RateLimitInterceptor(RateLimit settings, TimeMeter clock) {
    int perSecond = settings.callsPerSecond();
    this.calls = buckets(perSecond, Duration.ofSeconds(1), settings.burst(), settings, clock);
    int places = perSecond * MAX_WAIT_SECONDS;
    this.returns = buckets(perSecond, Duration.ofSeconds(1), places, settings, clock);
    int perMinute = settings.failedAuthenticationsPerMinute();
    this.failures = buckets(perMinute, Duration.ofMinutes(1), perMinute, settings, clock);
    this.refusals = new Refusals(clock);
  }

  private static @Nullable AddressBuckets buckets(
      int tokens, Duration period, int capacity, RateLimit settings, TimeMeter clock) {
    if (tokens == 0) {
      return null;
    }
    Bandwidth limit = Bandwidth.builder().capacity(capacity).refillGreedy(tokens, period).build();
    return new AddressBuckets(limit, settings.maxAddresses(), clock);
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    SocketAddress peer = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    if (calls != null && returns != null && !calls.of(peer).tryConsume(1)) {
      // Each takes a place behind those that are to come back already: told the same moment, all
      // but one of them would come in vain.
      ConsumptionProbe place = returns.of(peer).tryConsumeAndReturnRemaining(1);
      return refusals.refuse(
          call, "Too many calls from this address", place.getNanosToWaitForReset());
    }
    if (failures == null) {
      return next.startCall(call, headers);
    }
    Bucket left = failures.of(peer);
    EstimationProbe one = left.estimateAbilityToConsume(1);
    if (!one.canBeConsumed()) {
      return refusals.refuse(
          call, "Too many refused secrets from this address", one.getNanosToWaitForRefill());
    }
    return next.startCall(
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            if (status.getCode() == Status.Code.UNAUTHENTICATED) {
              left.tryConsume(1);
            }
            super.close(status, trailers);
          }
        },
        headers);
  }
}
