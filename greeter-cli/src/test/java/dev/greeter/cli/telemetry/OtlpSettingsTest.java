package dev.greeter.cli.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.guard.InvalidSettingException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.env.MockEnvironment;

/** Which endpoint counts, and what is said of one that cannot be used. */
class OtlpSettingsTest {

  @ParameterizedTest
  @ValueSource(strings = {"", "traces.", "metrics."})
  void refusesAPasswordThatLooksLikeAPlaceholderWithoutShowingIt(String signal) {
    String property = "otel.exporter.otlp." + signal + "endpoint";
    var environment =
        new MockEnvironment().withProperty(property, "http://user:a${marker}@127.0.0.1:4317");

    assertThatThrownBy(() -> OtlpSettings.from(environment))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining(property)
        .hasMessageNotContaining("marker");
  }

  @Test
  void replacesNoPlaceholderAsTheSdkReplacesNone() throws Exception {
    try (var collector = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      String endpoint = "http://127.0.0.1:" + collector.getLocalPort();
      var environment =
          new MockEnvironment()
              .withProperty("collector", endpoint)
              .withProperty("otel.exporter.otlp.traces.endpoint", endpoint);
      assertThat(OtlpSettings.from(environment)).containsEntry("otel.traces.exporter", "otlp");

      environment.withProperty("otel.exporter.otlp.traces.endpoint", "${collector}");
      assertThatThrownBy(() -> OtlpSettings.from(environment))
          .isInstanceOf(InvalidSettingException.class);
    }
  }
}
