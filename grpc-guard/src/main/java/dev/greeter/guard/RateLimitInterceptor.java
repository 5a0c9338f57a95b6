package dev.greeter.guard;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.Code;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.greeter.guard.GuardEvents.Refusal;
import io.github.bucket4j.TimeMeter;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.protobuf.StatusProto;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses calls over a rate limit with {@code RESOURCE_EXHAUSTED} and {@code google.rpc.RetryInfo}.
 * A call counts once, regardless of its number of messages.
 */
final class RateLimitInterceptor implements ServerInterceptor {

  private static final Logger log = LoggerFactory.getLogger(RateLimitInterceptor.class);

  /** Milliseconds until the retry, or -1 for no retry (gRFC A6, "Pushback"). */
  private static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  /** The longest queue of callers that will retry; callers beyond it retry at its end. */
  private static final int MAX_WAIT_SECONDS = 10;

  private final Function<ServerCall<?, ?>, @Nullable Object> callerOf;
  private final ToLongFunction<Object> nanosToWait;
  private final Refusal reason;
  private final String text;
  private final GuardEvents events;
  private final AtomicLong refused = new AtomicLong();
  private final OncePerMinute lines;

  private RateLimitInterceptor(
      Function<ServerCall<?, ?>, @Nullable Object> callerOf,
      ToLongFunction<Object> nanosToWait,
      Refusal reason,
      String text,
      GuardEvents events,
      TimeMeter clock) {
    this.callerOf = callerOf;
    this.nanosToWait = nanosToWait;
    this.reason = reason;
    this.text = text;
    this.events = events;
    this.lines = new OncePerMinute(clock::currentTimeNanos);
  }

  /** Limits the calls of each address. */
  static RateLimitInterceptor ofAddress(Guard.Builder settings, TimeMeter clock) {
    return new RateLimitInterceptor(
        PeerAddress::ofCall,
        rate(settings.callsPerSecond, settings.burst, settings.maxAddresses, clock),
        Refusal.ADDRESS_RATE,
        "Too many calls from this address",
        settings.events,
        clock);
  }

  /**
   * Refuses all calls from an address with too many refused secrets, even with the right secret:
   * any difference would reveal which guess was right.
   *
   * @param failures counted by the check
   */
  static RateLimitInterceptor ofGuesses(
      Guard.Builder settings, TokenBuckets failures, TimeMeter clock) {
    return new RateLimitInterceptor(
        PeerAddress::ofCall,
        address -> failures.of(address).estimateAbilityToConsume(1).getNanosToWaitForRefill(),
        Refusal.FAILED_AUTHENTICATIONS,
        "Too many refused secrets from this address",
        settings.events,
        clock);
  }

  /** Limits the calls of each client, regardless of its address; must run after the check. */
  static RateLimitInterceptor ofClient(Guard.Builder settings, TimeMeter clock) {
    return new RateLimitInterceptor(
        call -> {
          Client client = Client.KEY.get();
          return client == null ? null : client.name();
        },
        // Callers cannot add names.
        rate(settings.callsPerSecondOfClient, settings.burst, Integer.MAX_VALUE, clock),
        Refusal.CLIENT_RATE,
        "Too many calls of this client",
        settings.events,
        clock);
  }

  /**
   * Gives each refused caller a place in a queue: if all retried at the same time, all but one
   * would be too early.
   */
  private static ToLongFunction<Object> rate(
      int perSecond, int burst, int maxCallers, TimeMeter clock) {
    var second = java.time.Duration.ofSeconds(1);
    var calls = new TokenBuckets(perSecond, second, burst, maxCallers, clock);
    var queue =
        new TokenBuckets(perSecond, second, perSecond * MAX_WAIT_SECONDS, maxCallers, clock);
    return caller ->
        calls.of(caller).tryConsume(1)
            ? 0
            : queue.of(caller).tryConsumeAndReturnRemaining(1).getNanosToWaitForReset();
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    Object caller = callerOf.apply(call);
    long nanos = caller == null ? 0 : nanosToWait.applyAsLong(caller);
    if (nanos <= 0) {
      return next.startCall(call, headers);
    }
    // Rounded up, so that no caller retries too early.
    refuse(call, (nanos + 999_999) / 1_000_000);
    return new ServerCall.Listener<>() {};
  }

  private void refuse(ServerCall<?, ?> call, long millis) {
    Duration delay =
        Duration.newBuilder()
            .setSeconds(millis / 1000)
            .setNanos((int) (millis % 1000 * 1_000_000))
            .build();
    Metadata trailers = new Metadata();
    // Given the delay, a caller with an earlier deadline would wait for it and not learn why.
    Deadline deadline = Context.current().getDeadline();
    boolean late = deadline != null && deadline.timeRemaining(TimeUnit.MILLISECONDS) <= millis;
    trailers.put(PUSHBACK, late ? "-1" : Long.toString(millis));
    var failure =
        StatusProto.toStatusException(
            Status.newBuilder()
                .setCode(Code.RESOURCE_EXHAUSTED_VALUE)
                .setMessage(text)
                .addDetails(Any.pack(RetryInfo.newBuilder().setRetryDelay(delay).build()))
                .build(),
            trailers);
    call.close(failure.getStatus(), failure.getTrailers());
    Client client = Client.KEY.get();
    events.refused(reason, call, client);
    refused.incrementAndGet();
    if (lines.isDue()) { // A line for each would let a flood fill the log.
      log.warn(
          "Calls over the rate limit, refused since the last report: {}, the latest from {}",
          refused.getAndSet(0),
          client == null ? PeerAddress.textOf(call) : "client " + client.name());
    }
  }
}
