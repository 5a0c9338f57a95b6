package dev.greeter.guard;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ObjectArrays;
import com.google.protobuf.Any;
import com.google.protobuf.util.Durations;
import com.google.rpc.RetryInfo;
import dev.greeter.guard.fixture.Caller;
import dev.greeter.guard.fixture.FakeClock;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.RecordingEvents;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import io.github.bucket4j.Bucket;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerInterceptor;
import io.grpc.Status.Code;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests which calls of an address and of a client are refused, and how. */
class RateLimitInterceptorTest {

  private static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  private static final String SECRET = "42";

  @RegisterExtension private final LogCapture log = new LogCapture();

  private final RecordingEvents events = new RecordingEvents();
  private final FakeClock clock = new FakeClock();
  private final Caller caller = new Caller().from("10.0.0.1");
  private final Guard.Builder settings =
      Guard.builder(Secrets.of(SECRET))
          .callsPerSecond(2)
          .callsPerSecondOfClient(2)
          .burst(3)
          .events(events);
  private String secret = SECRET;

  @AutoClose private InProcessGrpc grpc = limited(RateLimitInterceptor.ofAddress(settings, clock));

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
  void rejectsCallAfterBurstFromAddress(MethodType kind) {
    for (int i = 0; i < 3; i++) {
      assertThat(grpc.send(kind).code()).isEqualTo(Code.OK);
    }
    assertRefused(grpc.send(kind), "Too many calls from this address", 500);
    assertThat(events.events()).containsExactly("ADDRESS_RATE");

    caller.from("10.0.0.2");
    assertThat(grpc.send(kind).code()).as("another address").isEqualTo(Code.OK);
  }

  @Test
  void staggersRetryDelaysOfRejectedCalls() {
    sendMany(3, Code.OK);
    assertDelay(500);
    assertDelay(1_000);
    clock.advance(Duration.ofNanos(1));
    assertDelay(1_500);

    clock.advance(Duration.ofMillis(500).minusNanos(1));
    sendMany(1, Code.OK);
    assertDelay(1_500);
    sendMany(100, Code.RESOURCE_EXHAUSTED);
    assertDelay(10_000);
  }

  @Test
  void countsStreamOnce() {
    var conversation = grpc.open(MethodType.BIDI_STREAMING);
    for (int i = 0; i < 100; i++) {
      conversation.send("Ada");
    }
    assertThat(conversation.halfClose().code()).isEqualTo(Code.OK);
    sendMany(2, Code.OK);
    sendMany(1, Code.RESOURCE_EXHAUSTED);
  }

  @ParameterizedTest
  @CsvSource({"400, -1", "3600000, 500"})
  void forbidsRetryAfterDeadline(int deadlineMillis, String pushback) {
    sendMany(3, Code.OK);
    var options = CallOptions.DEFAULT.withDeadlineAfter(deadlineMillis, TimeUnit.MILLISECONDS);
    var method = TextService.method(MethodType.UNARY);
    var call = TestCall.open(grpc.channel(), method, options, new Metadata());
    call.take(1).send("Ada").halfClose();
    assertThat(call.status().getDescription()).isEqualTo("Too many calls from this address");
    assertThat(call.trailers().get(PUSHBACK)).isEqualTo(pushback);
  }

  @Test
  void logsRejectedCallsOncePerMinute() {
    sendMany(3, Code.OK);
    sendMany(1000, Code.RESOURCE_EXHAUSTED);
    clock.advance(Duration.ofMinutes(1));
    sendMany(3, Code.OK);
    sendMany(1000, Code.RESOURCE_EXHAUSTED);

    String line =
        "Calls over the rate limit, refused since the last report: %d, the latest from %s";
    assertThat(log.warnings())
        .containsExactly(line.formatted(1, "10.0.0.1"), line.formatted(1000, "10.0.0.1"));
  }

  @Test
  void blocksAddressAfterTooManyWrongSecrets() throws Exception {
    limitGuesses();
    secret = "guess";
    sendMany(3, Code.UNAUTHENTICATED);
    assertRefused(send(), "Too many refused secrets from this address", 20_000);
    assertThat(events.events())
        .containsExactly("SECRET_WRONG", "SECRET_WRONG", "SECRET_WRONG", "FAILED_AUTHENTICATIONS");

    secret = SECRET;
    sendMany(1, Code.RESOURCE_EXHAUSTED);
    caller.from("10.0.0.2");
    sendMany(1, Code.OK);
    caller.from("10.0.0.1");
    clock.advance(Duration.ofSeconds(20));
    sendMany(100, Code.OK);
    secret = "guess";
    sendMany(1, Code.UNAUTHENTICATED);
    sendMany(1, Code.RESOURCE_EXHAUSTED);
  }

  /** Otherwise an address could make four times as many guesses. */
  @Test
  void countsEachHeaderValueAsGuess() throws Exception {
    limitGuesses();
    sendMany(1, Code.OK);
    Metadata four = TestCall.headers("authorization", "guess");
    for (int i = 0; i < 5; i++) {
      four.merge(TestCall.headers("authorization", "guess" + i));
    }
    assertThat(grpc.open(MethodType.UNARY, four).code()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(log.warnings()).isEmpty();
    // Four were checked at three per minute.
    assertRefused(send(), "Too many refused secrets from this address", 40_000);
    clock.advance(Duration.ofSeconds(40).minusNanos(1));
    sendMany(1, Code.RESOURCE_EXHAUSTED);
    clock.advance(Duration.ofNanos(1));
    sendMany(1, Code.OK);
  }

  @Test
  void limitsOnlyNamedClientsAcrossAddresses() throws Exception {
    limit(RateLimitInterceptor.ofClient(settings, clock));
    sendMany(100, Code.OK);

    caller.as("ada", () -> true);
    sendMany(3, Code.OK);
    caller.from("10.0.0.2");
    assertRefused(send(), "Too many calls of this client", 500);
    assertThat(events.events()).containsExactly("CLIENT_RATE ada");
    assertThat(log.warnings()).singleElement().asString().endsWith("the latest from client ada");

    caller.as("bob", () -> true);
    sendMany(3, Code.OK);
  }

  /** Ten tokens, refilled at two per second. */
  @Nested
  class Buckets {

    /** Including the debt that four values of a call may leave. */
    private static final Duration TO_FILL = Duration.ofSeconds(7);

    @Test
    void sharesOneBucketAmongExcessCallers() {
      var buckets = buckets(2);
      Bucket first = buckets.of("first");
      Bucket second = buckets.of("second");

      Bucket shared = buckets.of("third");
      assertThat(shared).isNotIn(first, second).isNotSameAs(first);
      for (int i = 0; i < 1000; i++) {
        assertThat(buckets.of(i)).isSameAs(shared);
      }
      assertThat(buckets.of("first")).isSameAs(first).isNotSameAs(second);
      assertThat(buckets.of("second")).isSameAs(second);
    }

    @Test
    void limitsBucketsUnderConcurrency() {
      var buckets = buckets(5);
      Set<Bucket> seen =
          IntStream.range(0, 10_000).parallel().mapToObj(buckets::of).collect(toSet());
      assertThat(seen).hasSize(5 + 1);
    }

    @Test
    void keepsBucketsUntilRefilled() {
      var buckets = buckets(1);
      Bucket first = buckets.of("first");
      Bucket shared = buckets.of("second");
      for (int i = 0; i < 10; i++) {
        assertThat(first.tryConsumeAsMuchAsPossible()).isPositive();
        clock.advance(TO_FILL.minusNanos(1));
        assertThat(buckets.of("second")).isSameAs(shared);
        assertThat(buckets.of("first")).isSameAs(first).isNotSameAs(shared);
      }
      clock.advance(TO_FILL.plusNanos(1));
      assertThat(buckets.of("second")).isNotIn(first, shared);
      assertThat(buckets.of("first")).isSameAs(shared);
    }

    private TokenBuckets buckets(int maxCallers) {
      return new TokenBuckets(2, Duration.ofSeconds(1), 10, maxCallers, clock);
    }
  }

  private void limitGuesses() throws Exception {
    var failures = new TokenBuckets(3, Duration.ofMinutes(1), 3, 100, clock);
    limit(
        RateLimitInterceptor.ofGuesses(settings, failures, clock),
        new AuthenticationServerInterceptor(settings, failures, clock::currentTimeNanos));
  }

  private void limit(ServerInterceptor... limits) throws Exception {
    grpc.close();
    grpc = limited(limits);
  }

  private InProcessGrpc limited(ServerInterceptor... limits) {
    return new InProcessGrpc(TextService.echo(), ObjectArrays.concat(caller, limits));
  }

  private TestCall<String, String> send() {
    return grpc.send(MethodType.UNARY, "authorization", secret);
  }

  private void sendMany(int calls, Code expected) {
    for (int i = 0; i < calls; i++) {
      assertThat(send().code()).isEqualTo(expected);
    }
  }

  private void assertDelay(long millis) {
    assertRefused(send(), "Too many calls from this address", millis);
  }

  private static void assertRefused(TestCall<?, ?> call, String description, long millis) {
    assertThat(call.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(call.messages()).isEmpty();
    assertThat(call.trailers().get(PUSHBACK)).isEqualTo(Long.toString(millis));
    var status = StatusProto.fromStatusAndTrailers(call.status(), call.trailers());
    var retry = RetryInfo.newBuilder().setRetryDelay(Durations.fromMillis(millis)).build();
    assertThat(status.getMessage()).isEqualTo(description);
    assertThat(status.getDetailsList()).containsExactly(Any.pack(retry));
  }
}
