package dev.greeter.cli.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.process.Program.Result;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wrong usage and wrong settings: exit code 2, two lines, and nothing is sent. */
class UsageIT {

  @Test
  void refusesAWrongCommandLine() throws Exception {
    Result result = Program.greeter(Map.of(), "greet", "Ada", "--server", "localhost");

    assertThat(result.err()).contains("--server is 'localhost'").hasLineCount(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.exitCode()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "GREETER_AUTH_VALUE, '', greeter.auth.value",
    "GREETER_AUTH_VALUE, 'märker', greeter.auth.value",
    "GREETER_AUTH_HEADER, 'grpc-märker', greeter.auth.header",
    "GREETER_SERVER, 'localhost', greeter.server",
    "GREETER_TIMEOUT, 'soon', greeter.timeout",
    "GREETER_SERVICE_CONFIG, '[marker]', greeter.service-config",
    "GREETER_AUTH_HEADER, 'marker+of/the=secret', greeter.auth.header",
    "GREETER_AUTH_ALLOW_PLAINTEXT, 'marker', greeter.auth.allow-plaintext",
    "GREETER_AUTH_ALLOW_PLAINTEXT, '', greeter.auth.allow-plaintext",
    "GREETER_SERVER, 'marker', greeter.server",
    "GREETER_SERVER, '${marker}', greeter.server",
    "GREETER_TIMEOUT, 'marker', greeter.timeout",
    "GREETER_TIMEOUT, '', greeter.timeout",
    "OTEL_EXPORTER_OTLP_ENDPOINT, 'htp://x', otel.exporter.otlp.endpoint",
    "OTEL_EXPORTER_OTLP_ENDPOINT, '//marker:4317', otel.exporter.otlp.endpoint",
    "OTEL_EXPORTER_OTLP_ENDPOINT, 'http://u:${marker}@x', otel.exporter.otlp.endpoint",
  })
  void refusesAWrongVariableWhateverTheCommand(String variable, String value, String property)
      throws Exception {
    assertRefused(variable, property, Program.greeter(Map.of(variable, value), "help"));
  }

  @ParameterizedTest
  @CsvSource({
    "GRPC_CLIENT_GLOBAL_NEGOTIATION_TYPE, 'marker', negotiation-type",
    "GRPC_CLIENT_GLOBAL_NEGOTIATION_TYPE, '', negotiation-type",
    "GRPC_CLIENT_GLOBAL_SECURITY_CLIENT_AUTH_ENABLED, 'marker', security.client-auth-enabled",
    "GRPC_CLIENT_GLOBAL_SECURITY_TRUST_CERT_COLLECTION, ' ', security.trust-cert-collection",
    "GREETER_SERVICE_CONFIG, '{\"methodConfig\": \"marker\"}', greeter.service-config",
  })
  void refusesAWrongVariableOfACall(String variable, String value, String property)
      throws Exception {
    assertRefused(variable, property, Program.greeter(Map.of(variable, value), "greet", "Ada"));
  }

  @Test
  void neverShowsARefusedSecret() throws Exception {
    Result result = Program.greeter(Map.of("GREETER_AUTH_VALUE", "marker\u00e4secret"), "help");

    assertThat(result.err()).isNotEmpty().doesNotContain("marker", "secret\u00e4", "ä");
  }

  @Test
  void refusesAnArgumentThatTheLocaleCannotCarry() throws Exception {
    Result result = Program.greeter(Map.of("LC_ALL", "C"), "greet", "Zo\u00eb");

    assertThat(result.err()).contains("locale", "LC_ALL=C.UTF-8").hasLineCount(2);
    assertThat(result.exitCode()).isEqualTo(2);
  }

  @Test
  void refusesAFileThatTheLocaleCannotCarry() throws Exception {
    Result result = Program.greeter(Map.of("LC_ALL", "C"), "greet", "--cacert=zo\u00eb.pem");

    assertThat(result.err())
        .contains("--cacert", "in the characters of the locale")
        .hasLineCount(2);
    assertThat(result.exitCode()).isEqualTo(2);
  }

  @Test
  void refusesInputThatIsNotUtf8() throws Exception {
    var builder = Program.builder(Map.of(), Program.clientCommand());

    Result result = Program.run(builder, "greet Zo\u00eb\n".getBytes(ISO_8859_1));

    assertThat(result.err()).contains("not UTF-8").hasLineCount(2);
    assertThat(result.exitCode()).isEqualTo(2);
  }

  @Test
  void refusesInputThatIsADirectory() throws Exception {
    for (String[] arguments : new String[][] {{}, {"greet", "-"}}) {
      List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" <.", "sh"));
      command.addAll(Program.clientCommand(arguments));

      Result result = Program.run(Program.builder(Map.of(), command), new byte[0]);

      assertThat(result.err()).contains("cannot be read: Is a directory").hasLineCount(2);
      assertThat(result.exitCode()).isEqualTo(2);
    }
  }

  @Test
  void tellsARefusedSettingAsJson() throws Exception {
    Map<String, String> environment = Map.of("GREETER_AUTH_ALLOW_PLAINTEXT", "maybe");

    assertThat(Program.greeter(environment, "greet", "Ada", "--output", "json").err())
        .startsWith("{\"code\":\"USAGE\",\"message\":\"greeter.auth.allow-plaintext ")
        .hasLineCount(1);
    assertThat(Program.greeter(Map.of(), "greet", "--output=json", "--key").err())
        .startsWith("{\"code\":\"USAGE\",\"message\":\"The option --key has no value.");
  }

  @Test
  void refusesAnAddressThatWouldCountBeforeAnyOther() throws Exception {
    Result result =
        Program.greeter(
            Map.of("GRPC_CLIENT_GLOBAL_ADDRESS", "static://127.0.0.1:1"), "greet", "Ada");

    assertThat(result.err())
        .contains("(environment variable GRPC_CLIENT_GLOBAL_ADDRESS) is set", "Unset it")
        .hasLineCount(2);
    assertThat(result.exitCode()).isEqualTo(2);
  }

  @Test
  void tellsTheVersion() throws Exception {
    assertThat(Program.greeter(Map.of(), "--version").out())
        .matches("Version: \\d+\\.\\d+\\.\\d+.*\nCommit: .*\n");
  }

  @Test
  void failsIfTheResultCannotBeWritten() throws Exception {
    ProcessBuilder builder =
        Program.builder(Map.of(), Program.clientCommand("help"))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .redirectOutput(new File("/dev/full"));

    assertThat(builder.start().waitFor()).isEqualTo(1);
  }

  private static void assertRefused(String variable, String property, Result result) {
    assertThat(result.err())
        .contains(property + " (environment variable " + variable + ") ")
        .contains("Set " + variable + " to ")
        .doesNotContain("marker")
        .hasLineCount(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.exitCode()).isEqualTo(2);
  }
}
