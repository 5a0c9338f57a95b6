package dev.greeter.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.guard.fixture.Certificates;
import dev.greeter.guard.fixture.TextService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The service's telemetry, as a real collector receives it. */
class TelemetryTest {

  private static final String SECRET = "marker-of-the-secret";
  private static final String PREVIOUS = "marker-of-the-previous-secret";
  private static final String GUESS = "marker-of-a-guess";
  private static final String NAME = "marker-of-a-name";
  private static final String ADA = "marker-of-the-secret-of-ada-0123";
  private static final String BOB = "marker-of-the-secret-of-bob-0123";
  private static final String EVE = "marker-of-the-secret-of-eve-0123";
  private static final String FAY = "marker-of-the-secret-of-fay-0123";
  private static final String TRACEPARENT = "00-" + "0a".repeat(16) + "-" + "0b".repeat(8) + "-01";
  private static final Code REFUSED = Code.UNAUTHENTICATED;
  private static final MethodDescriptor<String, String> UNKNOWN =
      TextService.method(MethodType.UNARY, "tutorial.Greeter/Unknown");

  /** After calls of every kind. */
  @Nested
  class OfAService {

    private static OtlpReceiver receiver;

    @BeforeAll
    static void callInEveryWay(@TempDir Path directory) throws Exception {
      receiver = new OtlpReceiver();
      Path clients = directory.resolve("clients");
      String lines = "ada %s\nbob.2 %s\neve %s 2026-01-31\nfay %s tutorial.Greeter/Chat";
      Files.writeString(clients, lines.formatted(ADA, BOB, EVE, FAY));
      Map<String, String> variables = new HashMap<>(receiver.variables());
      variables.put("GREETER_AUTH_VALUE", SECRET);
      variables.put("GREETER_AUTH_PREVIOUS_VALUE", PREVIOUS);
      variables.put("GREETER_AUTH_CLIENTS_FILE", clients.toString());
      variables.put("GREETER_RATE_LIMIT_CLIENT_CALLS_PER_SECOND", "1");
      variables.put("GREETER_RATE_LIMIT_BURST", "1");
      try (var service = new RunningService(variables)) {
        var chat = service.open(GreeterGrpc.getChatMethod(), "authorization", SECRET);
        awaitCount("greeter.connections.open", 1L);
        awaitCount("greeter.calls.in_flight", 1L);
        chat.halfClose();
        awaitCount("greeter.calls.in_flight", 0L);

        greet(service, "authorization", SECRET, Code.OK);
        greet(service, "authorization", PREVIOUS, Code.OK);
        greet(service, "authorization", GUESS, REFUSED);
        greet(service, "authorization", GUESS, REFUSED);
        greet(service, "traceparent", TRACEPARENT, REFUSED);
        greet(service, "authorization", EVE, REFUSED);
        greet(service, "authorization", BOB, Code.OK);
        greet(service, "authorization", FAY, Code.PERMISSION_DENIED);
        // More than fit into a second, even on a slow machine.
        assertThat(Stream.generate(() -> greet(service, ADA)).limit(50))
            .startsWith(Code.OK)
            .containsOnly(Code.OK, Code.RESOURCE_EXHAUSTED);
        assertThat(service.call(UNKNOWN, "", "authorization", SECRET).getCode())
            .isEqualTo(Code.UNIMPLEMENTED);
        assertThat(service.call(UNKNOWN, "", "traceparent", TRACEPARENT).getCode())
            .isEqualTo(REFUSED);
        var health = HealthCheckRequest.getDefaultInstance();
        assertThat(service.call(HealthGrpc.getCheckMethod(), health, "x-other", GUESS).getCode())
            .isEqualTo(Code.OK);
        Metadata traced = RunningService.headers("authorization", SECRET);
        traced.merge(RunningService.headers("traceparent", TRACEPARENT));
        var nameless = GreetingRequest.getDefaultInstance();
        assertThat(service.call(GreeterGrpc.getGreetMethod(), nameless, traced).getCode())
            .isEqualTo(Code.INVALID_ARGUMENT);
        Awaitility.await()
            .until(
                () ->
                    receiver.spans().stream()
                            .anyMatch(
                                span -> span.getStatus().getMessage().equals("INVALID_ARGUMENT"))
                        && receiver
                            .counts("grpc.server.call.duration")
                            .containsKey("tutorial.Greeter/Greet INVALID_ARGUMENT"));
      }
    }

    private static void awaitCount(String metric, long expected) {
      Awaitility.await()
          .untilAsserted(
              () -> assertThat(receiver.counts(metric)).containsOnly(Map.entry("", expected)));
    }

    @AfterAll
    static void close() {
      receiver.close();
    }

    @Test
    void countsCallsByMethodAndStatus() {
      assertThat(receiver.counts("grpc.server.call.duration"))
          .containsEntry("tutorial.Greeter/Greet UNAUTHENTICATED", 4L)
          .containsEntry("tutorial.Greeter/Greet INVALID_ARGUMENT", 1L)
          .containsEntry("other UNIMPLEMENTED", 1L)
          .containsEntry("other UNAUTHENTICATED", 1L)
          .containsKey("tutorial.Greeter/Greet RESOURCE_EXHAUSTED");
    }

    @Test
    void countsRefusalsByReasonAndPreviousSecretUses() {
      assertThat(receiver.counts("greeter.calls.refused"))
          .containsEntry("secret_missing", 2L)
          .containsEntry("secret_wrong", 2L)
          .containsEntry("secret_expired", 1L)
          .containsEntry("fay method_not_permitted", 1L)
          .containsKey("ada client_rate")
          .hasSize(5);
      assertThat(receiver.counts("greeter.auth.previous_secret")).containsOnly(Map.entry("", 1L));
    }

    @Test
    void countsCallsPerClient() {
      assertThat(receiver.counts("greeter.client.calls"))
          .containsOnlyKeys("ada", "bob.2")
          .containsEntry("bob.2", 1L);
    }

    @Test
    void recordsClientAndPeerOnSpans() {
      assertThat(receiver.spans())
          .extracting(span -> Set.of(OtlpReceiver.values(span.getAttributesList()).split(" ")))
          .contains(Set.of("127.0.0.1"), Set.of("127.0.0.1", "ada"), Set.of("127.0.0.1", "bob.2"));
    }

    @Test
    void identifiesServiceInstance() {
      assertThat(receiver.everything())
          .containsPattern("service.instance.id\\W+value \\W+string_value: \"[0-9a-f-]{36}\"");
    }

    @Test
    void exportsJvmMetrics() {
      assertThat(receiver.names()).contains("jvm.memory.used", "jvm.thread.count", "jvm.cpu.time");
    }

    @Test
    void continuesCallersTrace() {
      assertThat(receiver.spans())
          .filteredOn(span -> hex(span.getTraceId()).equals("0a".repeat(16)))
          .singleElement()
          .satisfies(
              span -> {
                assertThat(span.getName()).isEqualTo("Recv.tutorial.Greeter.Greet");
                assertThat(hex(span.getParentSpanId())).isEqualTo("0b".repeat(8));
                assertThat(span.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_ERROR);
                assertThat(span.getStatus().getMessage()).isEqualTo("INVALID_ARGUMENT");
              });
    }

    /** For other calls, the caller could choose the spans' name, parent and number. */
    @Test
    void exportsSpansOnlyOfPermittedCalls() {
      long withTheSecret =
          receiver.counts("grpc.server.call.duration").entrySet().stream()
              .filter(
                  each ->
                      !each.getKey()
                          .matches("grpc.health.*|.* (UNAUTHENTICATED|PERMISSION_DENIED)"))
              .mapToLong(Map.Entry::getValue)
              .sum();
      assertThat(receiver.spans())
          .hasSize((int) withTheSecret)
          .extracting(Span::getName)
          .containsOnly("Recv.tutorial.Greeter.Chat", "Recv.tutorial.Greeter.Greet", "Recv._OTHER");
    }

    @Test
    void exportsNoSecretsOrNames() {
      assertThat(receiver.everything())
          .contains("greeter-service", "Greet")
          .doesNotContain("marker")
          .doesNotContainIgnoringCase("authorization");
    }
  }

  @Test
  void exportsNoMetricsWithOnlyTracesEndpoint() {
    try (var receiver = new OtlpReceiver()) {
      Map<String, String> variables = new HashMap<>(receiver.variables());
      variables.put(
          "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", variables.remove("OTEL_EXPORTER_OTLP_ENDPOINT"));
      try (var service = new RunningService(variables)) {
        greet(service, "authorization", "42", Code.OK);
        Awaitility.await().until(() -> receiver.spans().size() == 1);
      }

      assertThat(receiver.names()).isEmpty();
    }
  }

  @Test
  void reportsTimeUntilCertificateExpiry(@TempDir Path directory) throws Exception {
    var certificates = new Certificates(directory);
    certificates.make("served");
    try (var receiver = new OtlpReceiver()) {
      var variables = new HashMap<>(certificates.variables("served"));
      variables.putAll(receiver.variables());
      try (var service = new RunningService(variables)) {
        Awaitility.await()
            .untilAsserted(
                () ->
                    assertThat(receiver.counts("greeter.certificate.remaining"))
                        .hasEntrySatisfying(
                            "",
                            seconds ->
                                assertThat(Duration.ofSeconds(seconds))
                                    .isBetween(Duration.ofDays(84), Duration.ofDays(91))));
      }
    }
  }

  /** Also without an endpoint, and with other trace headers from the caller. */
  @Test
  @ExtendWith(OutputCaptureExtension.class)
  void supportsConsoleExporterAndB3Propagator(CapturedOutput output) {
    var variables = Map.of("OTEL_TRACES_EXPORTER", "console", "OTEL_PROPAGATORS", "b3");
    try (var service = new RunningService(variables)) {
      Metadata traced = RunningService.headers("authorization", "42");
      traced.merge(RunningService.headers("b3", "0a".repeat(16) + "-" + "0b".repeat(8) + "-1"));
      var ada = GreetingRequest.newBuilder().setName("Ada").build();
      assertThat(service.call(GreeterGrpc.getGreetMethod(), ada, traced).getCode())
          .isEqualTo(Code.OK);
    }

    assertThat(output).contains("'Recv.tutorial.Greeter.Greet' : " + "0a".repeat(16));
  }

  @Test
  @ExtendWith(OutputCaptureExtension.class)
  void limitsLogLinesWhileCollectorIsUnreachable(CapturedOutput output) {
    var receiver = new OtlpReceiver();
    var variables = receiver.variables();
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

  private static Code greet(RunningService service, String secret) {
    var request = GreetingRequest.newBuilder().setName(NAME).build();
    return service.call(GreeterGrpc.getGreetMethod(), request, "authorization", secret).getCode();
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
