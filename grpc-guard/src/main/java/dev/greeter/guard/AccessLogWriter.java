package dev.greeter.guard;

import static java.util.stream.Collectors.joining;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import io.grpc.Grpc;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status.Code;
import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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

  private static final Logger log = LoggerFactory.getLogger("dev.greeter.guard.AccessLog");

  /** SLF4J 1.7, which some frameworks bring, has no pairs: they are in the message alone there. */
  private static final boolean FLUENT =
      Stream.of(Logger.class.getMethods()).anyMatch(method -> method.getName().equals("atInfo"));

  /** A header of W3C Trace Context, version 00; an id of zeros only is not valid. */
  private static final Pattern TRACEPARENT =
      Pattern.compile("00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  private static final int MAX_ORIGINAL_NAME = 100;

  private final TimeMeter clock;
  private final int sample;
  private final @Nullable Bucket refusals;
  private final @Nullable Bucket failures;
  private final AtomicLong dropped = new AtomicLong();

  AccessLogWriter(Guard.Builder settings, TimeMeter clock) {
    this.clock = clock;
    this.sample = settings.oneLoggedIn;
    this.refusals = perSecond(settings.refusalsPerSecond);
    this.failures = perSecond(settings.failuresPerSecond);
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
    Map<String, Object> facts = facts(call, status);
    String line =
        "A call has ended "
            + facts.entrySet().stream().map(Map.Entry::toString).collect(joining(" "));
    if (FLUENT) {
      LoggingEventBuilder event = log.atInfo();
      for (var fact : facts.entrySet()) {
        event = event.addKeyValue(fact.getKey(), fact.getValue());
      }
      event.log(line);
    } else {
      log.info(line);
    }
  }

  private Map<String, Object> facts(LoggedCall<?, ?> call, Code status) {
    Map<String, Object> facts = new LinkedHashMap<>();
    MethodDescriptor<?, ?> method = call.getMethodDescriptor();
    boolean known = method.getType() != MethodType.UNKNOWN;
    facts.put("rpc.system.name", "grpc");
    facts.put("rpc.method", known ? method.getFullMethodName() : "_OTHER");
    facts.put("rpc.response.status_code", status.name());
    facts.put("rpc.server.call.duration", seconds(now() - call.startedAt));
    facts.put("rpc.server.requests_per_rpc", call.requests);
    facts.put("rpc.server.responses_per_rpc", call.responses);
    if (!known && status == Code.UNIMPLEMENTED) {
      // It is the caller's text, and only one with the secret gets this far.
      String name = method.getFullMethodName().replaceAll("[^\\w./-]", "?");
      facts.put(
          "rpc.method_original", name.substring(0, Math.min(name.length(), MAX_ORIGINAL_NAME)));
    }
    if (call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress peer
        && peer.getAddress() != null) {
      facts.put("network.peer.address", peer.getAddress().getHostAddress());
      facts.put("network.peer.port", peer.getPort());
    }
    if (call.client != null) {
      facts.put("enduser.id", call.client.name());
    }
    if (call.traceparent != null) {
      Matcher trace = TRACEPARENT.matcher(call.traceparent);
      if (trace.matches()) {
        facts.put("trace_id", trace.group(1));
      }
    }
    long missing = dropped.getAndSet(0);
    if (missing > 0) {
      facts.put("greeter.access_log.dropped", missing);
    }
    return facts;
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
