package dev.greeter.guard;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.Code;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.greeter.guard.GuardEvents.Refusal;
import dev.greeter.guard.caller.Client;
import io.github.bucket4j.TimeMeter;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.protobuf.StatusProto;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the calls over a limit, and says in the log, at most once a minute, how many there were: a
 * line for each would give a flood a second target.
 */
final class Refusals {

  /** After how many milliseconds to ask again, or -1 for not at all (gRFC A6, "Pushback"). */
  private static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  private static final Logger log = LoggerFactory.getLogger(Refusals.class);

  private final GuardEvents events;
  private final AtomicLong refused = new AtomicLong();
  private final OncePerMinute lines;

  Refusals(GuardEvents events, TimeMeter clock) {
    this.events = events;
    this.lines = new OncePerMinute(clock::currentTimeNanos);
  }

  /**
   * Closes a call with {@code RESOURCE_EXHAUSTED} and {@code google.rpc.RetryInfo}. A caller whose
   * deadline comes first is asked not to come back, so that it learns why, in place of waiting for
   * its deadline.
   *
   * @param caller the client, or the address of the caller, for the log
   * @param text what there was too much of
   * @param waitNanos after what time a call would be let through
   */
  <ReqT> ServerCall.Listener<ReqT> refuse(
      ServerCall<ReqT, ?> call,
      @Nullable Object caller,
      Refusal reason,
      String text,
      long waitNanos) {
    // Rounded up, so that nobody comes back too early.
    long millis = (waitNanos + 999_999) / 1_000_000;
    Duration delay =
        Duration.newBuilder()
            .setSeconds(millis / 1000)
            .setNanos((int) (millis % 1000 * 1_000_000))
            .build();
    Metadata trailers = new Metadata();
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
    events.refused(reason, call, caller instanceof Client client ? client : null);
    count(caller instanceof Client client ? "client " + client.name() : caller);
    return new ServerCall.Listener<>() {};
  }

  private void count(@Nullable Object caller) {
    refused.incrementAndGet();
    if (lines.isDue()) {
      log.warn(
          "Calls over the rate limit, refused since the last report: {}, the latest from {}",
          refused.getAndSet(0),
          caller);
    }
  }
}
