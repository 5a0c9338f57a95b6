package dev.greeter.guard;

import static java.util.stream.Collectors.joining;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
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
 * Logs how calls end: with the status from the service or, if the call was cut off earlier, {@code
 * DEADLINE_EXCEEDED} or {@code CANCELLED}. The keys follow OpenTelemetry's semantic conventions
 * 1.45; the message counts follow 1.37, the last version to define them. Of the metadata, only
 * {@code traceparent} is kept.
 *
 * <p>Refusals and other failures have separate limits of lines per second: a flood of one kind does
 * not hide the other. The next line of any kind counts the calls that were not logged.
 */
final class AccessLog implements ServerInterceptor {

  private static final Logger log = LoggerFactory.getLogger(AccessLog.class);

  /** SLF4J 1.7, used by some frameworks, has no key-value pairs: only the message shows them. */
  private static final boolean FLUENT =
      Stream.of(Logger.class.getMethods()).anyMatch(method -> method.getName().equals("atInfo"));

  private static final Metadata.Key<String> TRACEPARENT =
      Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);

  /** A W3C Trace Context header, version 00; an id of all zeros is invalid. */
  private static final Pattern TRACE =
      Pattern.compile("00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  private static final Context.Key<LoggedCall<?, ?>> CALL =
      Context.key("dev.greeter.guard.logged-call");

  private static final int MAX_ORIGINAL_NAME = 100;

  private final TimeMeter clock;
  private final int sample;
  private final @Nullable Bucket refusals;
  private final @Nullable Bucket failures;
  private final AtomicLong dropped = new AtomicLong();

  AccessLog(Guard.Builder settings, TimeMeter clock) {
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

  /** Records the client of the current call, which the check identifies later. */
  static void setClient(Client client) {
    LoggedCall<?, ?> call = CALL.get();
    if (call != null) {
      call.client = client;
    }
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> delegate, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    var call = new LoggedCall<>(delegate, headers.get(TRACEPARENT), clock.currentTimeNanos());
    ServerCall.Listener<ReqT> handler;
    Context inside = Context.current().withValue(CALL, call);
    Context outside = inside.attach();
    try {
      handler = next.startCall(call, headers);
    } finally {
      inside.detach(outside);
    }
    if (call.status != null) {
      end(call, Code.UNKNOWN); // Armeria does not report the end of a call that closed this early.
    }
    return new SimpleForwardingServerCallListener<>(handler) {
      @Override
      public void onMessage(ReqT message) {
        call.requests++;
        super.onMessage(message);
      }

      @Override
      public void onComplete() {
        end(call, Code.UNKNOWN);
        super.onComplete();
      }

      @Override
      public void onCancel() {
        Deadline deadline = Context.current().getDeadline();
        boolean late = deadline != null && deadline.isExpired();
        end(call, late ? Code.DEADLINE_EXCEEDED : Code.CANCELLED);
        super.onCancel();
      }
    };
  }

  private void end(LoggedCall<?, ?> call, Code otherwise) {
    Code status = call.status == null ? otherwise : call.status;
    boolean first = !call.ended;
    call.ended = true;
    if (!first || !isLogged(status)) {
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

  private boolean isLogged(Code status) {
    if (status == Code.OK) {
      return sample > 0 && ThreadLocalRandom.current().nextInt(sample) == 0;
    }
    boolean refused =
        status == Code.UNAUTHENTICATED
            || status == Code.PERMISSION_DENIED
            || status == Code.RESOURCE_EXHAUSTED;
    Bucket lines = refused ? refusals : failures;
    if (lines != null && lines.tryConsume(1)) {
      return true;
    }
    dropped.incrementAndGet();
    return false;
  }

  private Map<String, Object> facts(LoggedCall<?, ?> call, Code status) {
    Map<String, Object> facts = new LinkedHashMap<>();
    MethodDescriptor<?, ?> method = call.getMethodDescriptor();
    boolean known = method.getType() != MethodType.UNKNOWN;
    facts.put("rpc.system.name", "grpc");
    facts.put("rpc.method", known ? method.getFullMethodName() : "_OTHER");
    facts.put("rpc.response.status_code", status.name());
    // Not a double: below a millisecond it would be printed with an exponent.
    long micros = (clock.currentTimeNanos() - call.startedAt) / 1000;
    facts.put("rpc.server.call.duration", BigDecimal.valueOf(micros, 6));
    facts.put("rpc.server.requests_per_rpc", call.requests);
    facts.put("rpc.server.responses_per_rpc", call.responses);
    if (!known && status == Code.UNIMPLEMENTED) {
      // The caller's text; only a caller with the secret gets this far.
      String name = method.getFullMethodName().replaceAll("[^\\w./-]", "?");
      facts.put(
          "rpc.method_original", name.substring(0, Math.min(name.length(), MAX_ORIGINAL_NAME)));
    }
    SocketAddress client = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    SocketAddress connected = Peer.of(call).proxied ? Peer.of(call).from : client;
    if (connected instanceof InetSocketAddress peer && peer.getAddress() != null) {
      facts.put("network.peer.address", peer.getAddress().getHostAddress());
      facts.put("network.peer.port", peer.getPort());
    }
    if (!Objects.equals(client, connected)) {
      facts.put("client.address", PeerAddress.textOf(call));
    }
    if (call.client != null) {
      facts.put("enduser.id", call.client.name());
    }
    if (call.traceparent != null) {
      Matcher trace = TRACE.matcher(call.traceparent);
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

  /**
   * The fields need no lock: gRPC reports the end after the last answer was sent. If a call is cut
   * off, an answer may be missing from the count.
   */
  private static final class LoggedCall<ReqT, RespT>
      extends SimpleForwardingServerCall<ReqT, RespT> {

    final @Nullable String traceparent;
    final long startedAt;
    int requests;
    int responses;
    @Nullable Client client;
    @Nullable Code status;
    boolean ended;

    LoggedCall(ServerCall<ReqT, RespT> delegate, @Nullable String traceparent, long startedAt) {
      super(delegate);
      this.traceparent = traceparent;
      this.startedAt = startedAt;
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
}
