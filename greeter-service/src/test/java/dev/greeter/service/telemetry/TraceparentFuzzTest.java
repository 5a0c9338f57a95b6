package dev.greeter.service.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import dev.greeter.settings.CollectorSettings;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.springframework.mock.env.MockEnvironment;

/** Fuzzes a caller's trace headers and the SDK's error messages. */
class TraceparentFuzzTest {

  /** Sends nothing. */
  private final Telemetry telemetry =
      new Telemetry(
          Map.of(
              "otel.traces.exporter", "none",
              "otel.metrics.exporter", "none",
              "otel.logs.exporter", "none"));

  private final Server server;
  private final ManagedChannel channel;

  TraceparentFuzzTest() throws Exception {
    String name = InProcessServerBuilder.generateName();
    var builder = InProcessServerBuilder.forName(name).directExecutor();
    telemetry.accept(builder);
    server =
        builder.intercept(telemetry.tracing()[0]).addService(TextService.echo()).build().start();
    channel = InProcessChannelBuilder.forName(name).directExecutor().build();
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
    server.shutdownNow();
    telemetry.close();
  }

  @Property(runs = 1000)
  void answersCallsWithArbitraryTraceHeaders(Input input) {
    var headers = new Metadata();
    String[] words = {
      "00", "-", "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", "01", "ff"
    };
    put(headers, "traceparent", input.text(words));
    put(headers, "tracestate", input.text("a", "=", ",", "@"));
    put(headers, "baggage", input.text("a", "=", ",", ";", "%", "%41"));
    headers.put(Metadata.Key.of("grpc-trace-bin", Metadata.BINARY_BYTE_MARSHALLER), input.bytes());

    var call = TestCall.send(channel, TextService.method(MethodType.UNARY), headers, "request");

    assertThat(call.allMessages()).containsExactly("request");
  }

  @Property(runs = 1000)
  void hidesRejectedEndpoints(Input input) {
    String property = "otel.exporter.otlp." + input.pick("", "traces.", "metrics.") + "endpoint";
    String value = input.text("http", "https", "://", "collector", ":", "4317", "@", "/", "${");
    var environment = new MockEnvironment().withProperty(property, value);

    Input.read(() -> CollectorSettings.exporters("any", environment))
        .ifPresent(properties -> assertThat(properties.isEmpty()).isEqualTo(value.isBlank()));
  }

  private static void put(Metadata headers, String name, String value) {
    headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
  }
}
