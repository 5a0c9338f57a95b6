package dev.greeter.guard.access;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import io.grpc.Grpc;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status.Code;
import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes a line about a call that has ended, with the names of OpenTelemetry's semantic conventions
 * 1.45; those of the counts of messages are of 1.37, the last that had any. Calls that do not end
 * well are all counted, but have so many lines a second, the refused and the others each: a flood
 * of one kind hides none of the other. The next line, whatever it is about, says how many had none.
 */
final class AccessLogWriter {

  private static final Logger log = LoggerFactory.getLogger(AccessLog.class);

  /** A header of W3C Trace Context, version 00; an id of zeros only is not valid. */
  private static final Pattern TRACEPARENT =
      Pattern.compile("00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  private static final int MAX_ORIGINAL_NAME = 100;

  private final TimeMeter clock;
  private final int sample;
  private final @Nullable Bucket refusals;
  private final @Nullable Bucket failures;
  private final AtomicLong dropped = new AtomicLong();

  AccessLogWriter(AccessLog settings, TimeMeter clock) {
    this.clock = clock;
    this.sample = settings.sample();
    this.refusals = perSecond(settings.refusalsPerSecond());
    this.failures = perSecond(settings.failuresPerSecond());
  }

  private @Nullable Bucket perSecond(int lines) {
    return lines == 0
        ? null
        : Bucket.builder()
            .addLimit(limit -> limit.capacity(lines).refillGreedy(lines, Duration.ofSeconds(1)))
            .withCustomTimePrecision(clock)
            .build();
  }

  /** Returns the time, in nanoseconds since some moment. */
  long now() {
    return clock.currentTimeNanos();
  }

  /** Writes the line, if the call has one. */
  void ended(LoggedCall<?, ?> call, Code status) {
    if (!hasLine(status)) {
      return;
    }
    MethodDescriptor<?, ?> method = call.getMethodDescriptor();
    boolean known = method.getType() != MethodType.UNKNOWN;
    LoggingEventBuilder line =
        log.atInfo()
            .addKeyValue("rpc.system.name", "grpc")
            .addKeyValue("rpc.method", known ? method.getFullMethodName() : "_OTHER")
            .addKeyValue("rpc.response.status_code", status.name())
            .addKeyValue("rpc.server.call.duration", seconds(now() - call.startedAt))
            .addKeyValue("rpc.server.requests_per_rpc", call.requests)
            .addKeyValue("rpc.server.responses_per_rpc", call.responses);
    if (!known && status == Code.UNIMPLEMENTED) {
      // It is the caller's text, and only one with the secret gets this far.
      String name = method.getFullMethodName().replaceAll("[^\\w./-]", "?");
      line =
          line.addKeyValue(
              "rpc.method_original", name.substring(0, Math.min(name.length(), MAX_ORIGINAL_NAME)));
    }
    if (call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress peer
        && peer.getAddress() != null) {
      line =
          line.addKeyValue("network.peer.address", peer.getAddress().getHostAddress())
              .addKeyValue("network.peer.port", peer.getPort());
    }
    if (call.client != null) {
      line = line.addKeyValue("enduser.id", call.client.name());
    }
    if (call.traceparent != null) {
      Matcher trace = TRACEPARENT.matcher(call.traceparent);
      if (trace.matches()) {
        line = line.addKeyValue("trace_id", trace.group(1));
      }
    }
    long missing = dropped.getAndSet(0);
    if (missing > 0) {
      line = line.addKeyValue("greeter.access_log.dropped", missing);
    }
    line.log("A call has ended");
  }

  private boolean hasLine(Code status) {
    if (status == Code.OK) {
      return sample > 0 && ThreadLocalRandom.current().nextInt(sample) == 0;
    }
    boolean refused = status == Code.UNAUTHENTICATED || status == Code.RESOURCE_EXHAUSTED;
    Bucket lines = refused ? refusals : failures;
    if (lines != null && lines.tryConsume(1)) {
      return true;
    }
    dropped.incrementAndGet();
    return false;
  }

  /** Without an exponent, which a double of less than a millisecond is printed with. */
  private static BigDecimal seconds(long nanos) {
    return BigDecimal.valueOf(nanos / 1000, 6);
  }
}
