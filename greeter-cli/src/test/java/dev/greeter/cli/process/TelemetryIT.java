package dev.greeter.cli.process;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.greeter.cli.process.Program.Result;
import dev.greeter.guard.fixture.FreePort;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The telemetry that both programs together send to a collector. */
class TelemetryIT {

  @Test
  void sendsOneTraceSpanningBothPrograms() throws Exception {
    try (var receiver = new TraceReceiver();
        var service = new RunningService(receiver.variables())) {
      Map<String, String> environment = new HashMap<>(service.variables());
      environment.putAll(receiver.variables());
      environment.put("OTEL_RESOURCE_ATTRIBUTES", "host.name=any,service.name=named");

      assertThat(Program.greeter(environment, "greet", "Marker"))
          .isEqualTo(new Result(0, "Hello Marker!\n", ""));

      Awaitility.await().until(() -> spans(receiver).size() == 3);
      Map<String, Span> spans = spans(receiver);
      Span call = requireNonNull(spans.get("named Sent.tutorial.Greeter.Greet"));
      Span attempt = requireNonNull(spans.get("named Attempt.tutorial.Greeter.Greet"));
      Span answer = requireNonNull(spans.get("greeter-service Recv.tutorial.Greeter.Greet"));
      assertThat(call.getParentSpanId()).isEqualTo(ByteString.EMPTY);
      assertThat(attempt.getParentSpanId()).isEqualTo(call.getSpanId());
      assertThat(answer.getParentSpanId()).isEqualTo(attempt.getSpanId());
      assertThat(spans.values()).extracting(Span::getTraceId).containsOnly(call.getTraceId());
      assertThat(receiver.spans().toString())
          .doesNotContain(RunningService.SECRET, "Marker")
          .doesNotContainIgnoringCase("authorization");
    }
  }

  @Test
  void greetsWhileCollectorIsUnreachable() throws Exception {
    Map<String, String> environment = new HashMap<>(RunningService.client());
    environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:" + FreePort.find());

    assertThat(Program.greeter(environment, "greet", "Ada"))
        .isEqualTo(new Result(0, "Hello Ada!\n", ""));
  }

  /** Runs without a cache, which would already contain the classes. */
  @Test
  void loadsNoTelemetryClassesWithoutCollector(@TempDir Path directory) throws Exception {
    Path classes = directory.resolve("classes");
    Map<String, String> environment = new HashMap<>(RunningService.client());
    environment.put("_JAVA_OPTIONS", "-Xlog:class+load:file=" + classes);
    environment.put("XDG_CACHE_HOME", "/dev/null");

    assertThat(Program.greeter(environment, "greet", "Ada").out()).isEqualTo("Hello Ada!\n");
    assertThat(classes)
        .content()
        .contains("io.grpc.Metadata ", ".telemetry.Telemetry ")
        .doesNotContain("opentelemetry.sdk.", "opentelemetry.exporter.", "grpc.opentelemetry.");
  }

  /** Returns the greeting's spans by program and span name, without those of health. */
  private static Map<String, Span> spans(TraceReceiver receiver) {
    return receiver.spans().stream()
        .flatMap(
            program ->
                program.getScopeSpansList().stream()
                    .flatMap(scope -> scope.getSpansList().stream())
                    .filter(span -> span.getName().endsWith(".tutorial.Greeter.Greet"))
                    .map(span -> Map.entry(name(program) + " " + span.getName(), span)))
        .collect(toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private static String name(ResourceSpans program) {
    return program.getResource().getAttributesList().stream()
        .filter(attribute -> attribute.getKey().equals("service.name"))
        .findFirst()
        .orElseThrow()
        .getValue()
        .getStringValue();
  }
}
