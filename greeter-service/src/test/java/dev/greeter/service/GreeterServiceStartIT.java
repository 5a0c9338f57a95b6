package dev.greeter.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The messages when the application refuses to start. */
@ExtendWith(OutputCaptureExtension.class)
class GreeterServiceStartIT {

  private static final String MARKER = "marker-of-the-secret";

  @ParameterizedTest
  @CsvSource({
    "greeter.auth.value, ' marker-of-the-secret', , the shared secret: printable ASCII characters",
    "greeter.auth.header, grpc-foo, is a name that gRPC or tracing uses, a header name of letters",
    "greeter.server.limits.max-resets, 0, is not a whole number above 0, a whole number above 0",
    "greeter.rate-limit.burst, 0, is not a whole number, a whole number from 1 to 1000000",
    "grpc.server.address, 192.0.2.1, is not an address of this, an address of this machine",
    "grpc.server.security.certificate-chain, file:/marker-of-the-secret, , a readable PEM file",
    "otel.exporter.otlp.endpoint, localhost:4317, is not the address, one with http or https",
    "otel.exporter.otlp.headers, marker-of-the-secret, cannot be used, a value that OpenTelemetry documents for Java",
  })
  void namesInvalidVariableAndExpectedValue(
      String property, String value, String problem, String action, CapturedOutput output) {
    String variable = variable(property);
    var defaults =
        property.startsWith("otel.")
            ? Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
            : Map.of(
                "GRPC_SERVER_SECURITY_ENABLED",
                "" + property.contains("security"),
                "GRPC_SERVER_SECURITY_PRIVATE_KEY",
                "file:pom.xml");
    var variables = new HashMap<>(defaults);
    variables.put(variable, value);

    assertThatThrownBy(() -> new RunningService(variables).close())
        .isInstanceOf(RuntimeException.class);

    assertThat(output)
        .contains("%s (environment variable %s) ".formatted(property, variable))
        .contains(problem == null ? "" : problem)
        .contains("Set " + variable + " to " + action);
    assertReadable(output);
  }

  @Test
  void reportsPortInUse(CapturedOutput output) throws IOException {
    try (var taken = new ServerSocket(0)) {
      String port = Integer.toString(taken.getLocalPort());
      assertThatThrownBy(() -> new RunningService(Map.of("GRPC_SERVER_PORT", port)).close())
          .isInstanceOf(RuntimeException.class);
      assertThat(output)
          .contains("grpc.server.port (environment variable GRPC_SERVER_PORT) cannot be used")
          .contains("Address already in use")
          .contains("Set GRPC_SERVER_PORT to a free port");
    }
    assertReadable(output);
  }

  private static String variable(String property) {
    return property.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
  }

  private static void assertReadable(CapturedOutput output) {
    assertThat(output)
        .containsOnlyOnce("APPLICATION FAILED TO START")
        .doesNotContain("Error starting ApplicationContext")
        .doesNotContain("\tat ")
        .doesNotContain("Exception")
        .doesNotContain(MARKER);
  }
}
