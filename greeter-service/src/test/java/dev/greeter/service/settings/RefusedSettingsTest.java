package dev.greeter.service.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.BasicConfigurator;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import dev.greeter.guard.InvalidSettingException;
import dev.greeter.guard.fixture.Input;
import dev.greeter.service.RunningService;
import dev.greeter.settings.CollectorSettings;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.mock.env.MockEnvironment;

/**
 * Errors for invalid variables name the variable and the expected value. They omit the actual
 * value, which may be a misplaced secret.
 */
@ExtendWith(OutputCaptureExtension.class)
class RefusedSettingsTest {

  private static final List<String> VALUES =
      List.of("", " ", "-1", "99999999999999999999", Input.MARKER, "${" + Input.MARKER + "}");

  /** Defaults of settings that must not be negative, huge or arbitrary text. */
  private static final Pattern STRICT = Pattern.compile("\\d\\w*|true|direct");

  /** Resets logging as in a new JVM, since an earlier start has configured it. */
  @BeforeEach
  void resetTheLog() {
    var log = (LoggerContext) LoggerFactory.getILoggerFactory();
    log.reset();
    var configurator = new BasicConfigurator();
    configurator.setContext(log);
    configurator.configure(log);
    log.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.INFO);
  }

  @Test
  void namesEachSettingAndExpectedValue() throws Exception {
    var settings = new BoundSettings();
    var variables = new TreeMap<>(settings.variables());
    variables.keySet().removeIf(name -> !name.matches("(GREETER|GRPC)_.*"));
    assertThat(variables).hasSizeGreaterThan(30);
    variables.forEach(
        (variable, standard) -> {
          for (String value : VALUES) {
            var refused = settings.refused(Map.of(variable, value));
            if (refused != null) {
              assertSaid(variable, String.valueOf(refused.getMessage()), refused.action(), value);
            } else if (!variable.equals("GREETER_AUTH_VALUE")) {
              assertThat(standard)
                  .as("default of %s, which accepts '%s'", variable, value)
                  .doesNotMatch(STRICT);
            }
          }
        });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GREETER_SERVER_EXECUTOR | x | one of [direct, virtual, pool]",
        "GREETER_SERVER_TRUSTED_PROXIES | 10.0.0.0/8,10.0.0.1/8 | networks of proxies, separated by"
            + " commas, such as 10.1.0.0/16,2001:db8::/64",
        "GREETER_SERVER_PROXY_PROTOCOL | true | false, or set GREETER_SERVER_TRUSTED_PROXIES",
        "GREETER_SERVER_DRAIN_DELAY | -1s | a duration from 0 ms to one day, such as 10s",
        "GREETER_SERVER_LIMITS_CALL_IDLE | x | a duration such as 10s",
        "GREETER_SERVER_LIMITS_FLOW_CONTROL_WINDOW | x | a size such as 64KB",
        "GRPC_SERVER_ENABLE_KEEP_ALIVE | x | true or false",
        "GRPC_SERVER_PORT | x | a whole number",
        "GRPC_SERVER_MAX_INBOUND_METADATA_SIZE | 4KB | a size of 5KB or more, such as 8KB",
      })
  void describesAllowedValues(String variable, String value, String wanted) throws Exception {
    assertThat(new BoundSettings().refused(Map.of(variable, value)))
        .isNotNull()
        .returns("Set %s to %s.".formatted(variable, wanted), InvalidSettingException::action);
  }

  @Test
  void validatesCollectorAddress() {
    for (String address : List.of("", "http://[::1]:65535/v1", "https://a.example")) {
      assertThat(exporters(address).isEmpty()).isEqualTo(address.isEmpty());
    }
    for (String address : "a:4317 ftp://a //a http:// http://a:65536 http://a%".split(" ")) {
      assertThatThrownBy(() -> exporters(address))
          .isInstanceOf(InvalidSettingException.class)
          .hasMessage(
              "otel.exporter.otlp.endpoint (environment variable OTEL_EXPORTER_OTLP_ENDPOINT) is not"
                  + " the address of a collector.");
    }
  }

  private static Map<String, String> exporters(String address) {
    var environment = new MockEnvironment().withProperty("otel.exporter.otlp.endpoint", address);
    return CollectorSettings.exporters("any", environment);
  }

  /** These settings are read later by other beans, or before any are bound. */
  @ParameterizedTest
  @CsvSource({
    "GREETER_AUTH_VALUE, ' marker-of-the-secret'",
    "GREETER_AUTH_PREVIOUS_VALUE, 'marker-of-the-secret '",
    "GREETER_AUTH_VALUE_FILE, marker-of-the-secret",
    "GREETER_AUTH_CLIENTS_FILE, marker-of-the-secret",
    "GREETER_RATE_LIMIT_BURST, ${marker-of-the-secret}",
    "GREETER_SERVER_EXECUTOR, marker-of-the-secret",
    "GREETER_SERVER_LIMITS_MAX_CALLS, ''",
    "GREETER_SERVER_TRUSTED_PROXIES, 'marker-of-the-secret'",
    "GRPC_SERVER_PORT, marker-of-the-secret",
    "GRPC_SERVER_ADDRESS, 192.0.2.1",
    "GRPC_SERVER_SECURITY_CLIENT_AUTH, marker-of-the-secret",
    "GRPC_SERVER_SECURITY_CERTIFICATE_CHAIN, marker-of-the-secret",
    "GRPC_SERVER_SECURITY_PRIVATE_KEY, ${marker-of-the-secret}",
    "LOGGING_STRUCTURED_FORMAT_CONSOLE, marker-of-the-secret",
    "OTEL_EXPORTER_OTLP_ENDPOINT, http://marker-of-the-secret:99999",
  })
  void failsStartWithTwoLineReport(String variable, String value, CapturedOutput output) {
    var variables =
        variable.startsWith("GRPC_SERVER_SECURITY_")
            ? Map.of(variable, value, "GRPC_SERVER_SECURITY_ENABLED", "true")
            : Map.of(variable, value);
    assertThatThrownBy(() -> new RunningService(variables)).isInstanceOf(RuntimeException.class);

    List<String> lines = output.toString().lines().filter(line -> !line.isBlank()).toList();
    int title = lines.indexOf("APPLICATION FAILED TO START");
    assertThat(title).as("%s", output).isPositive();
    List<String> report = lines.subList(title + 2, lines.size());
    assertThat(report).as("%s", output).hasSize(4);
    assertThat(report.get(0)).isEqualTo("Description:");
    assertThat(report.get(2)).isEqualTo("Action:");
    assertSaid(variable, report.get(1), report.get(3), value);
    assertThat(output).doesNotContain(Input.MARKER, "\tat ", "Exception");
  }

  private static void assertSaid(String variable, String description, String action, String value) {
    // The TLS files are checked together: another one may be missing.
    String name = variable.replaceFirst("(GRPC_SERVER_SECURITY)_.*", "$1_[A-Z_]+");
    assertThat(description)
        .matches("[a-z0-9.\\[\\]-]+ \\(environment variable " + name + "\\) .*\\.");
    assertThat(action).matches("Set " + name + " to .*\\.");
    // Class names must not appear either, unlike in Spring Boot's message.
    assertThat(description + "\n" + action)
        .doesNotContain(Input.MARKER)
        .doesNotContainPattern("\\w\\.\\p{Upper}");
    if (!value.isBlank()) {
      assertThat(description).doesNotContain(value);
    }
  }
}
