package dev.greeter.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.guard.fixture.TextService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What leaves the whole service, at a real receiver. */
@ExtendWith(OutputCaptureExtension.class)
class TelemetryTest {

  private static final String SECRET = "marker-of-the-secret";
  private static final String PREVIOUS = "marker-of-the-previous-secret";
  private static final String GUESS = "marker-of-a-guess";
  private static final String NAME = "marker-of-a-name";
  private static final String TRACEPARENT = "00-" + "0a".repeat(16) + "-" + "0b".repeat(8) + "-01";
  private static final Code REFUSED = Code.UNAUTHENTICATED;
  private static final MethodDescriptor<String, String> UNKNOWN =
      TextService.method(MethodType.UNARY, "tutorial.Greeter/Unknown");

  @AutoClose private final OtlpReceiver receiver = new OtlpReceiver();

  @Test
  void countsCallsByMethodAndStatus() {
    callInEveryWay();

    assertThat(receiver.counts("grpc.server.call.duration"))
        .containsOnly(
            Map.entry("tutorial.Greeter/Greet OK", 3L),
            Map.entry("tutorial.Greeter/Greet UNAUTHENTICATED", 3L),
            Map.entry("other UNIMPLEMENTED", 1L));
  }

  @Test
  void countsRefusalsByReasonAndUsesOfThePreviousSecret() {
    callInEveryWay();

    assertThat(receiver.counts("greeter.auth.refusals"))
        .containsOnly(Map.entry("missing", 1L), Map.entry("wrong", 2L));
    assertThat(receiver.counts("greeter.auth.previous_secret")).containsOnly(Map.entry("", 1L));
  }

  @Test
  void countsWhatIsRefusedForTheRate() {
    Map<String, String> once =
        Map.of("GREETER_RATE_LIMIT_CALLS_PER_SECOND", "1", "GREETER_RATE_LIMIT_BURST", "1");
    try (var service = start(once)) {
      greet(service, "authorization", SECRET, Code.OK);
      greet(service, "authorization", SECRET, Code.RESOURCE_EXHAUSTED);
    }

    assertThat(receiver.counts("grpc.server.call.duration"))
        .containsEntry("tutorial.Greeter/Greet RESOURCE_EXHAUSTED", 1L);
  }

  @Test
  void tellsWhatIsOpen() {
    try (var service = start(Map.of())) {
      greet(service, "authorization", SECRET, Code.OK);
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(receiver.counts("greeter.connections.open"))
                      .containsOnly(Map.entry("", 1L)));
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(receiver.counts("greeter.calls.in_flight"))
                      .containsOnly(Map.entry("", 0L)));
      var chat = service.open(GreeterGrpc.getChatMethod(), "authorization", SECRET);
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(receiver.counts("greeter.calls.in_flight"))
                      .containsOnly(Map.entry("", 1L)));
      chat.cancel();
    }
  }

  @Test
  void tellsHowTheJvmIs() {
    callInEveryWay();

    assertThat(receiver.names()).contains("jvm.memory.used", "jvm.thread.count", "jvm.cpu.time");
  }

  @Test
  void tracesEachCallAsPartOfItsCallersTrace() {
    try (var service = start(Map.of())) {
      Metadata headers = RunningService.headers("authorization", SECRET);
      headers.merge(RunningService.headers("traceparent", TRACEPARENT));
      var nameless = GreetingRequest.getDefaultInstance();
      assertThat(service.call(GreeterGrpc.getGreetMethod(), nameless, headers).getCode())
          .isEqualTo(Code.INVALID_ARGUMENT);
    }

    assertThat(receiver.spans())
        .singleElement()
        .satisfies(
            span -> {
              assertThat(span.getName()).isEqualTo("Recv.tutorial.Greeter.Greet");
              assertThat(hex(span.getTraceId())).isEqualTo("0a".repeat(16));
              assertThat(hex(span.getParentSpanId())).isEqualTo("0b".repeat(8));
              assertThat(span.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_ERROR);
              assertThat(span.getStatus().getMessage()).isEqualTo("INVALID_ARGUMENT");
            });
  }

  /** Of these whoever calls would choose the name, the parent and the number. */
  @Test
  void tracesNoCallWithoutTheSecret() {
    try (var service = start(Map.of())) {
      greet(service, "traceparent", TRACEPARENT, REFUSED);
      assertThat(service.call(UNKNOWN, "", "traceparent", TRACEPARENT).getCode())
          .isEqualTo(REFUSED);
      var health = HealthCheckRequest.getDefaultInstance();
      assertThat(
              service
                  .call(HealthGrpc.getCheckMethod(), health, "traceparent", TRACEPARENT)
                  .getCode())
          .isEqualTo(Code.OK);
      greet(service, "authorization", SECRET, Code.OK);
    }

    assertThat(receiver.spans()).hasSize(1);
  }

  @Test
  void tellsNobodyASecretOrAName() {
    callInEveryWay();

    assertThat(receiver.spans())
        .extracting(Span::getName)
        .containsOnly("Recv.tutorial.Greeter.Greet", "Recv._OTHER")
        .hasSize(4);
    assertThat(receiver.everything())
        .contains("greeter-service", "Greet")
        .doesNotContain("marker")
        .doesNotContainIgnoringCase("authorization");
  }

  @Test
  void sendsOnlyTracesIfThatIsTheOnlyEndpoint() {
    Map<String, String> variables = new HashMap<>(receiver.variables());
    variables.put(
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", variables.remove("OTEL_EXPORTER_OTLP_ENDPOINT"));
    try (var service = new RunningService(variables)) {
      greet(service, "authorization", "42", Code.OK);
    }

    assertThat(receiver.spans()).hasSize(1);
    assertThat(receiver.names()).isEmpty();
  }

  @Test
  void saysLittleWhileTheCollectorIsAway(CapturedOutput output) {
    Map<String, String> variables = receiver.variables();
    receiver.close();
    try (var service = new RunningService(variables)) {
      for (int i = 0; i < 100; i++) {
        greet(service, "authorization", "42", Code.OK);
      }
    }

    assertThat(output.toString().lines())
        .filteredOn(line -> line.matches(".*(Failed to export|Exporter failed).*"))
        .hasSizeBetween(1, 14)
        .noneMatch(line -> line.contains("Exporter failed"));
  }

  private void callInEveryWay() {
    try (var service = start(Map.of("GREETER_AUTH_PREVIOUS_VALUE", PREVIOUS))) {
      greet(service, "authorization", SECRET, Code.OK);
      greet(service, "authorization", SECRET, Code.OK);
      greet(service, "authorization", PREVIOUS, Code.OK);
      greet(service, "authorization", GUESS, REFUSED);
      greet(service, "authorization", GUESS, REFUSED);
      greet(service, "x-other", GUESS, REFUSED);
      assertThat(service.call(UNKNOWN, "", "authorization", SECRET).getCode())
          .isEqualTo(Code.UNIMPLEMENTED);
    }
  }

  private RunningService start(Map<String, String> more) {
    Map<String, String> variables = new HashMap<>(receiver.variables());
    variables.put("GREETER_AUTH_VALUE", SECRET);
    variables.putAll(more);
    return new RunningService(variables);
  }

  private static void greet(RunningService service, String header, String value, Code expected) {
    var request = GreetingRequest.newBuilder().setName(NAME).build();
    assertThat(service.call(GreeterGrpc.getGreetMethod(), request, header, value).getCode())
        .isEqualTo(expected);
  }

  private static String hex(ByteString id) {
    return HexFormat.of().formatHex(id.toByteArray());
  }
}
