package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.greeter.guard.fixture.Answering;
import dev.greeter.guard.fixture.CallRecorder;
import dev.greeter.guard.fixture.FakeClock;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import dev.greeter.guard.fixture.WithAttribute;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which calls have a line, and what it says. */
class AccessLogInterceptorTest {

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String DROPPED = "greeter.access_log.dropped";

  @RegisterExtension private final LogCapture log = new LogCapture();

  private final FakeClock clock = new FakeClock();
  private final CallRecorder calls = new CallRecorder();
  private final Metadata headers = new Metadata();
  private Status answer = Status.OK;
  private BiConsumer<String, StreamObserver<String>> handler = this::echo;
  private InProcessGrpc grpc = logged(1, 10, 10);

  @AfterEach
  void stop() throws Exception {
    grpc.close();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
  void saysHowACallHasEnded(MethodType kind) {
    TestCall.send(grpc.channel(), TextService.method(kind), headers, "Ada").status();

    assertThat(pairs())
        .containsExactly(
            Map.entry("rpc.system.name", "grpc"),
            Map.entry("rpc.method", "test.Text/" + kind),
            Map.entry("rpc.response.status_code", "OK"),
            Map.entry("rpc.server.call.duration", new BigDecimal("0.000123")),
            Map.entry("rpc.server.requests_per_rpc", 1),
            Map.entry("rpc.server.responses_per_rpc", 1),
            Map.entry("network.peer.address", "10.0.0.1"),
            Map.entry("network.peer.port", 1234));
    assertThat(lines().get(0).getFormattedMessage())
        .as("what a pattern without key-value pairs shows")
        .isEqualTo(
            "A call has ended rpc.system.name=grpc rpc.method=test.Text/%s"
                + " rpc.response.status_code=OK rpc.server.call.duration=0.000123"
                + " rpc.server.requests_per_rpc=1 rpc.server.responses_per_rpc=1"
                + " network.peer.address=10.0.0.1 network.peer.port=1234",
            kind);
    assertThat(calls.events()).contains("message", "answer", "complete");
  }

  @Test
  void countsTheMessagesOfEachSide() {
    handler =
        (text, responses) -> {
          for (int i = 0; i < 5; i++) {
            responses.onNext(text);
          }
          responses.onCompleted();
        };
    open().send("Ada").send("Grace").send("Edsger").halfClose().status();

    assertThat(pairs())
        .containsEntry("rpc.server.requests_per_rpc", 3)
        .containsEntry("rpc.server.responses_per_rpc", 5);
  }

  @Test
  void saysWhoseCallItWas() throws Exception {
    grpc.close();
    var settings = Guard.builder(Secrets.ofClients(Map.of("ada", "marker"))).accessLog(1, 10, 10);
    grpc = new InProcessGrpc(settings.build(), TextService.echo());
    send();
    header("authorization", "marker");
    send();

    assertThat(pairs(0))
        .containsEntry("rpc.response.status_code", "UNAUTHENTICATED")
        .doesNotContainKey("enduser.id");
    assertThat(pairs(1))
        .containsEntry("rpc.response.status_code", "OK")
        .containsEntry("enduser.id", "ada");
  }

  @Test
  void saysNothingBeforeTheEnd() {
    var call = open().send("Ada");
    assertThat(lines()).isEmpty();

    call.halfClose().status();
    assertThat(lines()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(Code.class)
  void saysTheStatusAndNotItsDescription(Code code) {
    answer = code.toStatus().withDescription("chosen by the client");
    send();

    assertThat(pairs()).containsEntry("rpc.response.status_code", code.name());
    assertThat(lines().toString() + pairs()).doesNotContain("chosen");
  }

  @Test
  void saysThatAClientHasCancelled() {
    open().send("Ada").cancel();

    assertThat(pairs())
        .containsEntry("rpc.response.status_code", "CANCELLED")
        .containsEntry("rpc.server.requests_per_rpc", 1)
        .containsEntry("rpc.server.responses_per_rpc", 0);
    assertThat(calls.events()).contains("cancel");
  }

  @Test
  void saysThatADeadlineHasPassed() throws Exception {
    handler = (text, responses) -> {};
    var options = CallOptions.DEFAULT.withDeadlineAfter(50, TimeUnit.MILLISECONDS);
    var call =
        TestCall.open(grpc.channel(), TextService.method(MethodType.UNARY), options, headers)
            .send("Ada")
            .halfClose();
    assertThat(call.status().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
    grpc.close();

    assertThat(pairs()).containsEntry("rpc.response.status_code", "DEADLINE_EXCEEDED");
  }

  @Test
  void saysTheRefusalOfACallThatIsCancelledThen() {
    answer = Status.UNAUTHENTICATED;
    var call =
        TestCall.open(
            grpc.channel(),
            TextService.method(MethodType.BIDI_STREAMING),
            CallOptions.DEFAULT,
            headers);
    call.cancel();

    assertThat(pairs()).containsEntry("rpc.response.status_code", "UNAUTHENTICATED");
  }

  @Test
  void saysTheTraceOfTheCaller() {
    header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01");
    send();

    assertThat(pairs()).containsEntry("trace_id", TRACE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        TRACE,
        "00-" + TRACE + "-00f067aa0ba902b7",
        "00-" + TRACE + "-00f067aa0ba902b7-01-more",
        "ff-" + TRACE + "-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-marker-of-the-secret-in-a-trace-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-" + TRACE + "-0000000000000000-01",
      })
  void saysNoTraceThatIsNone(String traceparent) {
    header("traceparent", traceparent);
    send();

    assertThat(pairs()).doesNotContainKey("trace_id");
  }

  @Test
  void saysNothingElseOfTheMetadataAndTheMessages() {
    header("authorization", "marker-of-the-secret");
    header("tracestate", "marker-of-the-state");
    header("user-agent", "marker-of-the-agent");
    TestCall.send(
            grpc.channel(), TextService.method(MethodType.UNARY), headers, "marker-of-the-name")
        .status();

    assertThat(lines()).hasSize(1);
    assertThat(lines().get(0).getFormattedMessage() + lines().get(0).getKeyValuePairs())
        .doesNotContain("marker");
  }

  @Test
  void hasNoLineOfCallsThatEndWellUnlessItIsAskedTo() throws Exception {
    log(0, 10, 10);
    send();
    assertThat(lines()).isEmpty();

    answer = Status.NOT_FOUND;
    send();
    assertThat(lines()).hasSize(1);
    assertThat(pairs()).doesNotContainKey(DROPPED);
  }

  @Test
  void hasALineOfOneInSoManyCallsThatEndWell() throws Exception {
    log(10, 0, 0);
    for (int i = 0; i < 10_000; i++) {
      send();
    }

    // Ten standard deviations.
    assertThat(lines()).hasSizeBetween(700, 1300);
  }

  @ParameterizedTest
  @EnumSource(
      value = Code.class,
      names = {"UNAUTHENTICATED", "RESOURCE_EXHAUSTED"})
  void hasSoManyLinesASecondOfRefusalsAndSaysHowManyItHasNot(Code code) throws Exception {
    log(1, 2, 0);
    answer = code.toStatus();
    for (int i = 0; i < 1000; i++) {
      send();
    }
    assertThat(lines()).hasSize(2);

    clock.advance(Duration.ofSeconds(1));
    for (int i = 0; i < 1000; i++) {
      send();
    }
    assertThat(lines()).hasSize(4);
    assertThat(pairs(2)).containsEntry(DROPPED, 998L);
    assertThat(pairs(3)).doesNotContainKey(DROPPED);

    answer = Status.OK;
    send();
    assertThat(pairs(4)).containsEntry(DROPPED, 998L);
    send();
    assertThat(pairs(5)).doesNotContainKey(DROPPED);
  }

  @Test
  void hasLinesOfOtherFailuresWhateverIsRefused() throws Exception {
    log(0, 2, 3);
    answer = Status.UNAUTHENTICATED;
    for (int i = 0; i < 100; i++) {
      send();
    }
    answer = Status.INTERNAL;
    for (int i = 0; i < 100; i++) {
      send();
    }

    assertThat(lines()).hasSize(5);
    assertThat(pairs(2)).containsEntry("rpc.response.status_code", "INTERNAL");
  }

  @Test
  void doesWithoutAnAddress() throws Exception {
    grpc.close();
    grpc = new InProcessGrpc(TextService.echo(), interceptor(1, 0, 0));
    send();

    assertThat(pairs()).doesNotContainKeys("network.peer.address", "network.peer.port");
  }

  private void log(int sample, int refusals, int failures) throws Exception {
    grpc.close();
    grpc = logged(sample, refusals, failures);
  }

  private InProcessGrpc logged(int sample, int refusals, int failures) {
    return new InProcessGrpc(
        new TextService((text, responses) -> handler.accept(text, responses)),
        WithAttribute.from(() -> "10.0.0.1"),
        interceptor(sample, refusals, failures),
        calls,
        new Answering(() -> answer));
  }

  private AccessLogInterceptor interceptor(int sample, int refusals, int failures) {
    var settings = Guard.builder(Secrets.of("42")).accessLog(sample, refusals, failures);
    return new AccessLogInterceptor(new AccessLogWriter(settings, clock));
  }

  private void echo(String text, StreamObserver<String> responses) {
    clock.advance(Duration.ofNanos(123_456));
    responses.onNext(text);
    responses.onCompleted();
  }

  private void header(String name, String value) {
    headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
  }

  private void send() {
    TestCall.send(grpc.channel(), TextService.method(MethodType.UNARY), headers, "Ada").status();
  }

  private TestCall<String, String> open() {
    var method = TextService.method(MethodType.BIDI_STREAMING);
    return TestCall.open(grpc.channel(), method, CallOptions.DEFAULT, headers).take(100);
  }

  private List<ILoggingEvent> lines() {
    return log.of("dev.greeter.guard.AccessLog");
  }

  private Map<String, Object> pairs() {
    assertThat(lines()).hasSize(1);
    return pairs(0);
  }

  private Map<String, Object> pairs(int line) {
    Map<String, Object> pairs = new LinkedHashMap<>();
    lines().get(line).getKeyValuePairs().forEach(pair -> pairs.put(pair.key, pair.value));
    return pairs;
  }
}
