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
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What the operator reads when the application starts, or refuses to. */
@ExtendWith(OutputCaptureExtension.class)
class GreeterServiceStartIT {

  private static final String MARKER = "marker-of-the-secret";
  private static final String WARNING = "The demonstration secret is in use";

  @ParameterizedTest
  @ValueSource(strings = {"", " ", MARKER + "\n" + MARKER, MARKER + "ü", " " + MARKER})
  void refusesASecretThatNoHeaderCarries(String value, CapturedOutput output) {
    assertStartFails(Map.of("GREETER_AUTH_VALUE", value));
    assertThat(output)
        .contains("greeter.auth.value (environment variable GREETER_AUTH_VALUE) ")
        .contains("Set GREETER_AUTH_VALUE to the shared secret: printable ASCII characters");
    assertReadable(output);
  }

  @ParameterizedTest
  @CsvSource({
    "' ', is blank",
    "grpc-foo, a name that gRPC or tracing uses",
    "content-type, a name that gRPC or tracing uses",
    "x-bin, as only headers with binary values do",
    "not legal!, is not a legal header name",
  })
  void refusesAHeaderThatIsNotLegal(String header, String problem, CapturedOutput output) {
    assertStartFails(Map.of("GREETER_AUTH_HEADER", header, "GREETER_AUTH_VALUE", MARKER));
    assertThat(output)
        .contains("greeter.auth.header (environment variable GREETER_AUTH_HEADER) ")
        .contains(problem)
        .contains("Set GREETER_AUTH_HEADER to a header name of letters, digits");
    assertReadable(output);
  }

  @ParameterizedTest
  @CsvSource({
    "OTEL_EXPORTER_OTLP_ENDPOINT, htp://x, otel.exporter.otlp.endpoint",
    "OTEL_EXPORTER_OTLP_ENDPOINT, localhost:4317, otel.exporter.otlp.endpoint",
    "OTEL_EXPORTER_OTLP_ENDPOINT, //collector:4317, otel.exporter.otlp.endpoint",
    "OTEL_EXPORTER_OTLP_ENDPOINT, http://collector:99999, otel.exporter.otlp.endpoint",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, http://, otel.exporter.otlp.traces.endpoint",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT, ' x', otel.exporter.otlp.metrics.endpoint",
  })
  void refusesAnEndpointThatIsNone(
      String variable, String value, String property, CapturedOutput output) {
    assertStartFails(Map.of("GREETER_AUTH_VALUE", MARKER, variable, value));
    assertThat(output)
        .contains(property + " (environment variable " + variable + ") is not the address")
        .contains("Set " + variable + " to one with http or https");
    assertReadable(output);
  }

  @Test
  void refusesWhatOpenTelemetryRefusesAndShowsNoPassword(CapturedOutput output) {
    assertStartFails(
        Map.of(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "http://127.0.0.1:1",
            "OTEL_EXPORTER_OTLP_HEADERS",
            MARKER));
    assertThat(output)
        .contains("(environment variable OTEL_EXPORTER_OTLP_HEADERS) cannot be used")
        .contains("Set OTEL_EXPORTER_OTLP_HEADERS to a value that");
    assertReadable(output);
  }

  @ParameterizedTest
  @CsvSource({
    "max-connections, 0, is not a whole number above 0, a whole number above 0",
    "max-connections-per-address, -1, is not a whole number above 0, a whole number above 0",
    "max-calls-per-connection, 0, is not a whole number above 0, a whole number above 0",
    "max-resets, 0, is not a whole number above 0, a whole number above 0",
    "max-resets, 1e3, is not a whole number, a whole number",
    "flow-control-window, 0KB, is not a size below 2GB, a size below 2GB",
    "flow-control-window, 2GB, is not a size below 2GB, a size below 2GB",
    "flow-control-window, much, is not a size such as 64KB, a size",
    "reset-window, 999ms, is not a duration from 1000 ms to one day, a duration from 1000 ms to one day",
    "handshake-timeout, 0s, is not a duration from 1 ms to one day, a duration from 1 ms to one day",
    "handshake-timeout, 25h, is not a duration from 1 ms to one day, a duration from 1 ms to one day",
    "handshake-timeout, soon, is not a duration such as 10s, a duration",
    "call-idle, -1s, is not a duration from 1 ms to one day, a duration from 1 ms to one day",
  })
  void refusesALimitThatIsNone(
      String name, String value, String problem, String action, CapturedOutput output) {
    String variable = "GREETER_SERVER_LIMITS_" + name.replace('-', '_').toUpperCase(Locale.ROOT);
    assertStartFails(Map.of("GREETER_AUTH_VALUE", MARKER, variable, value));
    assertThat(output)
        .contains("greeter.server.limits.%s (environment variable %s) ".formatted(name, variable))
        .contains(problem)
        .contains("Set " + variable + " to " + action);
    assertReadable(output);
  }

  @Test
  void refusesARateLimitThatIsNoNumber(CapturedOutput output) {
    assertStartFails(Map.of("GREETER_RATE_LIMIT_BURST", "0", "GREETER_AUTH_VALUE", MARKER));
    assertThat(output)
        .contains("greeter.rate-limit.burst (environment variable GREETER_RATE_LIMIT_BURST) is not")
        .contains("Set GREETER_RATE_LIMIT_BURST to a whole number from 1 to 1000000.");
    assertReadable(output);
  }

  @ParameterizedTest
  @ValueSource(strings = {"unix:" + MARKER, MARKER, "localhost", "127.0.0.256"})
  void refusesAnAddressThatIsNotOfAMachine(String address, CapturedOutput output) {
    assertStartFails(Map.of("GRPC_SERVER_ADDRESS", address));
    assertThat(output)
        .contains("grpc.server.address (environment variable GRPC_SERVER_ADDRESS) is not * or")
        .contains("Set GRPC_SERVER_ADDRESS to * or an IP address");
    assertReadable(output);
  }

  @Test
  void refusesAnAddressThatIsAnotherMachines(CapturedOutput output) {
    assertStartFails(Map.of("GRPC_SERVER_ADDRESS", "192.0.2.1"));
    assertThat(output)
        .contains("grpc.server.address (environment variable GRPC_SERVER_ADDRESS) is not an")
        .contains("Set GRPC_SERVER_ADDRESS to an address of this machine")
        .doesNotContain("192.0.2.1");
    assertReadable(output);
  }

  @ParameterizedTest
  @CsvSource({
    "CERTIFICATE_CHAIN, certificate-chain, , is not set",
    "CERTIFICATE_CHAIN, certificate-chain, file:/marker-of-the-secret, a file that does not exist",
    "CERTIFICATE_CHAIN, certificate-chain, marker-of-the-secret, a file that cannot be read",
    "CERTIFICATE_CHAIN, certificate-chain, file:/dev/zero, a file that is not a regular one",
    "CERTIFICATE_CHAIN, certificate-chain, file:pom.xml, a file that holds none in PEM",
  })
  void refusesTlsWithoutAFileThatItCanUse(
      String name, String property, String value, String problem, CapturedOutput output) {
    String variable = "GRPC_SERVER_SECURITY_" + name;
    var variables =
        new HashMap<>(
            Map.of(
                "GRPC_SERVER_SECURITY_ENABLED", "true",
                "GRPC_SERVER_SECURITY_PRIVATE_KEY", "file:pom.xml"));
    if (value != null) {
      variables.put(variable, value);
    }
    assertStartFails(variables);
    assertThat(output)
        .contains(
            "grpc.server.security.%s (environment variable %s) ".formatted(property, variable))
        .contains(problem)
        .contains("Set %s to a readable file in PEM, such as file:/".formatted(variable));
    assertReadable(output);
  }

  @Test
  void explainsAPortThatIsTaken(CapturedOutput output) throws IOException {
    try (var taken = new ServerSocket(0)) {
      String port = Integer.toString(taken.getLocalPort());
      assertStartFails(Map.of("GREETER_AUTH_VALUE", MARKER, "GRPC_SERVER_PORT", port));
      assertThat(output)
          .contains(
              "grpc.server.port (environment variable GRPC_SERVER_PORT) cannot be listened on")
          .contains("Address already in use")
          .contains("Set GRPC_SERVER_PORT to a port that is free");
    }
    assertReadable(output);
  }

  @Test
  void warnsOfTheDemonstrationValueOnce(CapturedOutput output) {
    new RunningService(Map.of()).close();
    assertThat(output).containsOnlyOnce(WARNING).contains("set GREETER_AUTH_VALUE");
  }

  @Test
  void keepsASecretOfOnesOwnToItself(CapturedOutput output) {
    new RunningService(Map.of("GREETER_AUTH_VALUE", MARKER, "DEBUG", "true")).close();
    assertThat(output).contains("Started ").doesNotContain(WARNING).doesNotContain(MARKER);
  }

  private static void assertStartFails(Map<String, String> variables) {
    assertThatThrownBy(() -> new RunningService(variables).close())
        .isInstanceOf(RuntimeException.class);
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
