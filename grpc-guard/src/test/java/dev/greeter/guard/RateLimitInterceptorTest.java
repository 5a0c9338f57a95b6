package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import com.google.protobuf.util.Durations;
import com.google.rpc.RetryInfo;
import dev.greeter.guard.fixture.Answering;
import dev.greeter.guard.fixture.FakeClock;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.RecordingEvents;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import dev.greeter.guard.fixture.WithAttribute;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which calls of an address are refused, and with what answer. */
class RateLimitInterceptorTest {

  private static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final String SECRET = "42";
  private static final Secrets SECRETS = Secrets.of(SECRET);

  @RegisterExtension private final LogCapture log = new LogCapture();

  private final RecordingEvents events = new RecordingEvents();
  private final FakeClock clock = new FakeClock();
  private String address = "10.0.0.1";
  private String secret = SECRET;
  private Status answer = Status.OK;
  private InProcessGrpc grpc = limited(2, 3, 0);

  @AfterEach
  void stop() throws Exception {
    grpc.close();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
  void letsABurstPassAndRefusesTheNextCall(MethodType kind) {
    for (int i = 0; i < 3; i++) {
      assertThat(send(kind).status().getCode()).isEqualTo(Code.OK);
    }
    TestCall<String, String> refused = send(kind);
    assertThat(refused.status().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(refused.status().getDescription()).isEqualTo("Too many calls from this address");
    assertThat(refused.messages()).isEmpty();
    assertThat(events.events()).containsExactly("ADDRESS_RATE");
  }

  @Test
  void asksEachToComeBackBehindTheOthers() throws Exception {
    sendMany(3);
    assertDelay(send(), 500);
    assertDelay(send(), 1_000);
    assertDelay(send(), 1_500);

    clock.advance(Duration.ofMillis(500));
    assertThat(code()).isEqualTo(Code.OK);
    assertDelay(send(), 1_500);
  }

  @Test
  void saysATimeThatIsNotTooEarly() throws Exception {
    sendMany(3);
    clock.advance(Duration.ofNanos(1));
    assertDelay(send(), 500);
    clock.advance(Duration.ofNanos(1));
    assertDelay(send(), 1_000);

    clock.advance(Duration.ofMillis(500).minusNanos(2));
    assertThat(code()).isEqualTo(Code.OK);
  }

  @Test
  void asksNoCallerToWaitLongerThanTenSeconds() throws Exception {
    sendMany(3 + 100);

    assertDelay(send(), 10_000);
  }

  @Test
  void limitsEachAddressByItself() {
    sendMany(3);
    assertThat(code()).isEqualTo(Code.RESOURCE_EXHAUSTED);

    address = "10.0.0.2";
    sendMany(3);
    assertThat(code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void countsAConversationOnce() {
    var conversation = open(MethodType.BIDI_STREAMING, CallOptions.DEFAULT).take(1);
    for (int i = 0; i < 100; i++) {
      conversation.send("Ada");
    }
    assertThat(conversation.halfClose().status().getCode()).isEqualTo(Code.OK);

    sendMany(2);
    assertThat(code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void asksACallerWhoseDeadlineComesFirstNotToComeBack() throws Exception {
    sendMany(3);

    var hurried = send(CallOptions.DEFAULT.withDeadlineAfter(400, TimeUnit.MILLISECONDS));
    assertThat(hurried.status().getDescription()).isEqualTo("Too many calls from this address");
    assertThat(retryDelayMillis(hurried)).isEqualTo(500);
    assertThat(hurried.trailers().get(PUSHBACK)).isEqualTo("-1");

    var patient = send(CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.HOURS));
    assertThat(patient.trailers().get(PUSHBACK)).isEqualTo("1000");
  }

  @Test
  void refusesAnAddressWithTooManyRefusedSecretsTheRightOneToo() throws Exception {
    limit(0, 1, 3);
    secret = "guess";
    for (int i = 0; i < 3; i++) {
      assertThat(code()).isEqualTo(Code.UNAUTHENTICATED);
    }
    TestCall<String, String> refused = send();
    assertThat(refused.status().getDescription())
        .isEqualTo("Too many refused secrets from this address");
    assertDelay(refused, 20_000);
    assertThat(events.events())
        .containsExactly("SECRET_WRONG", "SECRET_WRONG", "SECRET_WRONG", "FAILED_AUTHENTICATIONS");

    secret = SECRET;
    assertThat(code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    address = "10.0.0.2";
    assertThat(code()).isEqualTo(Code.OK);
    address = "10.0.0.1";
    clock.advance(Duration.ofSeconds(20));
    for (int i = 0; i < 100; i++) {
      assertThat(code()).isEqualTo(Code.OK);
    }
  }

  @Test
  void letsABlockedAddressGuessAtThePaceOfTheLimit() throws Exception {
    limit(0, 1, 3);
    secret = "guess";
    sendMany(3);

    int guesses = 0;
    for (int second = 0; second < 60; second++) {
      clock.advance(Duration.ofSeconds(1));
      guesses += code() == Code.UNAUTHENTICATED ? 1 : 0;
    }
    assertThat(guesses).isEqualTo(3);
  }

  /** UNAUTHENTICATED among them: a user's session has ended, and the secret was right. */
  @ParameterizedTest
  @EnumSource
  void countsNoStatusOfAHandlerAsARefusedSecret(Code code) throws Exception {
    limit(0, 1, 1);
    answer = code.toStatus();
    for (int i = 0; i < 10; i++) {
      assertThat(code()).isEqualTo(code);
    }
  }

  @Test
  void appliesBothLimits() throws Exception {
    limit(1, 2, 1);
    secret = "guess";

    assertThat(send().status().getCode()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(send().status().getDescription()).contains("refused secrets");
    assertThat(send().status().getDescription()).contains("Too many calls");
  }

  @Test
  void refusesNothingWithoutALimit() throws Exception {
    limit(0, 1, 0);
    secret = "guess";

    for (int i = 0; i < 10_000; i++) {
      assertThat(code()).isEqualTo(Code.UNAUTHENTICATED);
    }
  }

  @Test
  void saysInTheLogOnceAMinuteHowManyWereRefused() {
    sendMany(3);
    sendMany(1000);
    assertLog(line(1));

    clock.advance(Duration.ofMinutes(1));
    sendMany(3);
    assertLog(line(1));
    sendMany(1000);
    assertLog(line(1), line(1000));
  }

  private void limit(int callsPerSecond, int burst, int failuresPerMinute) throws Exception {
    grpc.close();
    grpc = limited(callsPerSecond, burst, failuresPerMinute);
  }

  private InProcessGrpc limited(int callsPerSecond, int burst, int failuresPerMinute) {
    var settings =
        Guard.builder(SECRETS).callsPerSecond(callsPerSecond).burst(burst).events(events);
    Buckets failures =
        failuresPerMinute == 0
            ? null
            : new Buckets(failuresPerMinute, MINUTE, failuresPerMinute, 100, clock);
    var policy = new CallPolicy(0, MINUTE, 1, 1, MINUTE);
    return new InProcessGrpc(
        TextService.echo(),
        WithAttribute.from(() -> address),
        new RateLimitInterceptor(settings, failures, clock),
        new AuthenticationServerInterceptor(
            "authorization",
            SECRETS,
            new ServicePolicies(Set.of(), policy, policy),
            failures,
            events),
        new Answering(() -> answer));
  }

  private void sendMany(int calls) {
    for (int i = 0; i < calls; i++) {
      send();
    }
  }

  private Code code() {
    return send().status().getCode();
  }

  private TestCall<String, String> send() {
    return send(MethodType.UNARY);
  }

  private TestCall<String, String> send(MethodType kind) {
    return TestCall.send(grpc.channel(), TextService.method(kind), headers(), "Ada");
  }

  private TestCall<String, String> send(CallOptions options) {
    return open(MethodType.UNARY, options).take(1).send("Ada").halfClose();
  }

  private TestCall<String, String> open(MethodType kind, CallOptions options) {
    return TestCall.open(grpc.channel(), TextService.method(kind), options, headers());
  }

  private Metadata headers() {
    var headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), secret);
    return headers;
  }

  private static void assertDelay(TestCall<?, ?> call, long millis) throws Exception {
    assertThat(call.status().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(retryDelayMillis(call)).isEqualTo(millis);
    assertThat(call.trailers().get(PUSHBACK)).isEqualTo(Long.toString(millis));
  }

  private static long retryDelayMillis(TestCall<?, ?> call) throws Exception {
    var status = StatusProto.fromStatusAndTrailers(call.status(), call.trailers());
    assertThat(status.getDetailsList()).hasSize(1);
    return Durations.toMillis(status.getDetails(0).unpack(RetryInfo.class).getRetryDelay());
  }

  private static String line(int calls) {
    return "Calls over the rate limit, refused since the last report: %d, the latest from %s"
        .formatted(calls, "/10.0.0.1:1234");
  }

  private void assertLog(String... lines) {
    assertThat(log.problems())
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(lines);
  }
}
