package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.greeter.guard.fixture.Caller;
import dev.greeter.guard.fixture.FakeClock;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.time.Duration;
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

/** Tests which calls are logged, and how. */
class AccessLogTest {

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String STATUS = "rpc.response.status_code";

  @RegisterExtension private final LogCapture log = new LogCapture();

  private final FakeClock clock = new FakeClock();
  private final Caller caller = new Caller().from("10.0.0.1");
  private Status answer = Status.OK;
  private BiConsumer<String, StreamObserver<String>> handler = this::echo;
  private InProcessGrpc grpc = logged(1, 10, 10);

  @AfterEach
  void stop() throws Exception {
    grpc.close();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
  void logsOutcomeOfEachMethodType(MethodType kind) {
    assertThat(grpc.send(kind).code()).isEqualTo(Code.OK);

    assertThat(log.of("dev.greeter.guard.AccessLog"))
        .singleElement()
        .satisfies(
            event ->
                assertThat(event.getKeyValuePairs())
                    .extracting(pair -> Map.entry(pair.key, pair.value))
                    .containsExactly(
                        Map.entry("rpc.system.name", "grpc"),
                        Map.entry("rpc.method", "test.Text/" + kind),
                        Map.entry(STATUS, "OK"),
                        Map.entry("rpc.server.call.duration", new BigDecimal("0.000123")),
                        Map.entry("rpc.server.requests_per_rpc", 1),
                        Map.entry("rpc.server.responses_per_rpc", 1),
                        Map.entry("network.peer.address", "10.0.0.1"),
                        Map.entry("network.peer.port", 1234)));
    assertThat(line())
        .as("what a pattern without key-value pairs shows")
        .isEqualTo(
            "A call has ended rpc.system.name=grpc rpc.method=test.Text/%s"
                + " rpc.response.status_code=OK rpc.server.call.duration=0.000123"
                + " rpc.server.requests_per_rpc=1 rpc.server.responses_per_rpc=1"
                + " network.peer.address=10.0.0.1 network.peer.port=1234",
            kind);
  }

  @Test
  void logsClientAddressBehindProxy() {
    var proxy = new Peer(new InetSocketAddress("10.0.0.2", 4711), true);
    caller.from("203.0.113.7").over(proxy);
    send();
    assertThat(line())
        .endsWith(
            "network.peer.address=10.0.0.2 network.peer.port=4711 client.address=203.0.113.7");
  }

  @Test
  void logsMessageCountsOnlyAtEndOfCall() {
    handler =
        (text, responses) -> {
          for (int i = 0; i < 5; i++) {
            responses.onNext(text);
          }
          responses.onCompleted();
        };
    var call = grpc.open(MethodType.BIDI_STREAMING).send("Ada").send("Grace").send("Edsger");
    assertThat(lines()).isEmpty();

    call.halfClose().status();
    assertThat(line()).contains("requests_per_rpc=3", "responses_per_rpc=5");
  }

  @ParameterizedTest
  @EnumSource(value = Code.class, mode = EnumSource.Mode.EXCLUDE, names = "OK")
  void logsStatusWithoutDescription(Code code) {
    answer = code.toStatus().withDescription("chosen by the client");
    send();

    assertThat(line()).contains(STATUS + "=" + code).doesNotContain("chosen");
  }

  @Test
  void logsCancellation() {
    grpc.open(MethodType.BIDI_STREAMING).send("Ada").cancel();

    assertThat(line()).contains("=CANCELLED", "requests_per_rpc=1", "responses_per_rpc=0");
  }

  @Test
  void logsExceededDeadline() throws Exception {
    handler = (text, responses) -> {};
    var options = CallOptions.DEFAULT.withDeadlineAfter(50, TimeUnit.MILLISECONDS);
    var method = TextService.method(MethodType.UNARY);
    var call = TestCall.open(grpc.channel(), method, options, new Metadata());
    assertThat(call.send("Ada").halfClose().code()).isEqualTo(Code.DEADLINE_EXCEEDED);
    grpc.close();

    assertThat(line()).contains("=DEADLINE_EXCEEDED");
  }

  @Test
  void logsTraceIdOfCaller() {
    send("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01");
    assertThat(line()).endsWith(" trace_id=" + TRACE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        TRACE,
        "00-" + TRACE + "-00f067aa0ba902b7-01-more",
        "ff-" + TRACE + "-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-marker-of-the-secret-in-a-trace-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-" + TRACE + "-0000000000000000-01",
      })
  void logsNoInvalidTraceIdsMetadataOrMessages(String traceparent) {
    String[] headers = {"traceparent", traceparent, "authorization", "marker", "x-other", "marker"};
    grpc.open(MethodType.UNARY, headers).send("marker-of-the-name").halfClose().status();

    assertThat(line()).doesNotContain("trace_id", "marker");
  }

  @Test
  void samplesSuccessfulCalls() throws Exception {
    log(10, 0, 0);
    sendMany(2_000);

    // Ten standard deviations.
    assertThat(lines()).hasSizeBetween(66, 334);
  }

  @ParameterizedTest
  @EnumSource(
      value = Code.class,
      names = {"UNAUTHENTICATED", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED"})
  void limitsRefusalsPerSecondAndCountsDropped(Code code) throws Exception {
    log(1, 2, 0);
    answer = code.toStatus();
    sendMany(1000);
    assertThat(lines()).hasSize(2);

    clock.advance(Duration.ofSeconds(1));
    sendMany(1000);
    answer = Status.OK;
    sendMany(2);
    assertThat(lines()).hasSize(6);
    assertThat(lines().subList(2, 6))
        .extracting(line -> line.contains("greeter.access_log.dropped=998"))
        .containsExactly(true, false, true, false);
  }

  @Test
  void limitsRefusalsAndFailuresSeparately() throws Exception {
    log(0, 2, 3);
    sendMany(100);
    assertThat(lines()).as("of calls that end well").isEmpty();
    answer = Status.UNAUTHENTICATED;
    sendMany(100);
    answer = Status.INTERNAL;
    sendMany(100);

    assertThat(lines()).hasSize(5);
    assertThat(lines().get(0)).doesNotContain("dropped");
    assertThat(lines().subList(2, 5)).allMatch(line -> line.contains("=INTERNAL"));
  }

  private void log(int sample, int refusals, int failures) throws Exception {
    grpc.close();
    grpc = logged(sample, refusals, failures);
  }

  private InProcessGrpc logged(int sample, int refusals, int failures) {
    var settings = Guard.builder(Secrets.of("42")).accessLog(sample, refusals, failures);
    return new InProcessGrpc(
        new TextService((text, responses) -> handler.accept(text, responses)),
        caller,
        new AccessLog(settings, clock));
  }

  private void echo(String text, StreamObserver<String> responses) {
    clock.advance(Duration.ofNanos(123_456));
    if (answer.isOk()) {
      responses.onNext(text);
      responses.onCompleted();
    } else {
      responses.onError(answer.asException());
    }
  }

  private void send(String... headers) {
    grpc.send(MethodType.UNARY, headers).status();
  }

  private void sendMany(int calls) {
    for (int i = 0; i < calls; i++) {
      send();
    }
  }

  /** Returns the lines; the text and the pairs of each are equal. */
  private List<String> lines() {
    return log.of("dev.greeter.guard.AccessLog").stream()
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  private String line() {
    assertThat(lines()).hasSize(1);
    return lines().get(0);
  }
}
