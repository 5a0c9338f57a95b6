package dev.greeter.cli.process;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.greeter.cli.process.Program.Result;
import dev.greeter.guard.fixture.FreePort;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What both programs tell a collector, together. */
class TelemetryIT {

  private static final String SECRET = "marker-secret";
  private static final Result GREETED = new Result(0, "Hello Marker!\n", "");

  @Test
  void isOneTraceOverBothPrograms() throws Exception {
    try (var receiver = new TraceReceiver();
        var service = RunningService.start(with(receiver.variables()))) {
      assertThat(greet(service, with(receiver.variables()))).isEqualTo(GREETED);

      Awaitility.await().until(() -> spans(receiver).size() == 3);
      Map<String, Span> spans = spans(receiver);
      Span call = requireNonNull(spans.get("greeter-cli Sent.tutorial.Greeter.Greet"));
      Span attempt = requireNonNull(spans.get("greeter-cli Attempt.tutorial.Greeter.Greet"));
      Span answer = requireNonNull(spans.get("greeter-service Recv.tutorial.Greeter.Greet"));
      assertThat(call.getParentSpanId()).isEqualTo(ByteString.EMPTY);
      assertThat(attempt.getParentSpanId()).isEqualTo(call.getSpanId());
      assertThat(answer.getParentSpanId()).isEqualTo(attempt.getSpanId());
      assertThat(spans.values()).extracting(Span::getTraceId).containsOnly(call.getTraceId());
      assertThat(receiver.spans().toString())
          .doesNotContain(SECRET, "Marker")
          .doesNotContainIgnoringCase("authorization");
    }
  }

  @Test
  void changesNothingForTheUserWhileTheCollectorIsAway(@TempDir Path directory) throws Exception {
    String nobody = "http://127.0.0.1:" + FreePort.find();
    Map<String, String> environment = with(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", nobody));
    try (var service = RunningService.start(environment)) {
      assertThat(greet(service, environment)).isEqualTo(GREETED);
      assertThat(greet(service, environment, directory.resolve("client"))).isEqualTo(GREETED);
    }
    assertNotLoaded(directory.resolve("client"), "io.opentelemetry.");
  }

  @Test
  void isOfTheSignalThatHasACollector() throws Exception {
    try (var receiver = new TraceReceiver();
        var service = RunningService.start(with(Map.of()))) {
      Map<String, String> environment = with(receiver.variables());
      String nobody = "http://127.0.0.1:" + FreePort.find();
      environment.put("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", nobody);
      assertThat(greet(service, environment)).isEqualTo(GREETED);
      assertThat(spans(receiver)).hasSize(2);
    }
  }

  @Test
  void isNotEvenLoadedIfThereIsNoEndpoint(@TempDir Path directory) throws Exception {
    Path ofService = directory.resolve("service");
    Path ofClient = directory.resolve("client");
    Map<String, String> logged = Map.of("JAVA_TOOL_OPTIONS", logClasses(ofService));
    try (var service = RunningService.start(with(logged))) {
      assertThat(greet(service, with(Map.of()), ofClient)).isEqualTo(GREETED);
    }

    assertNotLoaded(ofService, "io.opentelemetry.sdk.");
    assertNotLoaded(ofClient, "io.opentelemetry.");
  }

  private static void assertNotLoaded(Path classes, String openTelemetry) throws IOException {
    assertThat(Files.readString(classes))
        .contains("io.grpc.Metadata ", ".telemetry.Telemetry ")
        .doesNotContain(openTelemetry, "io.opentelemetry.exporter.", "io.grpc.opentelemetry.");
  }

  private static String logClasses(Path file) {
    return "-Xlog:class+load:file=" + file;
  }

  private static Result greet(RunningService service, Map<String, String> environment)
      throws Exception {
    return Program.greeter(environment, "greet", "Marker", "--server", service.address());
  }

  /** Without the launcher, which has the JVM log nothing. */
  private static Result greet(RunningService service, Map<String, String> environment, Path classes)
      throws Exception {
    List<String> command =
        Program.clientJar(logClasses(classes), "greet", "Marker", "--server", service.address());
    return Program.run(Program.builder(environment, command), new byte[0]);
  }

  private static Map<String, String> with(Map<String, String> variables) {
    Map<String, String> all = new HashMap<>(variables);
    all.put("GREETER_AUTH_VALUE", SECRET);
    return all;
  }

  /** Returns the spans of the greeting by the program's name and their own; health has others. */
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
