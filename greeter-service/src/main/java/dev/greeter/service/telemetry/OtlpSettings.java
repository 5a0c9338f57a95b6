package dev.greeter.service.telemetry;

import static dev.greeter.settings.CollectorSettings.endpoint;

import dev.greeter.guard.setting.InvalidSettingException;
import java.util.Map;
import org.springframework.core.env.Environment;

/** What counts where OpenTelemetry's own environment variables, {@code OTEL_*}, say nothing. */
final class OtlpSettings {

  private OtlpSettings() {}

  /**
   * Reads the settings.
   *
   * @return the SDK's properties beside the variables, which it reads itself; none if no endpoint
   *     is set, and nothing is to be sent
   * @throws InvalidSettingException if an endpoint is not the address of one; the message does not
   *     show it, as it may hold a password
   */
  static Map<String, String> from(Environment environment) {
    boolean all = !endpoint(environment, "otel.exporter.otlp.endpoint").isEmpty();
    boolean traces = !endpoint(environment, "otel.exporter.otlp.traces.endpoint").isEmpty() || all;
    boolean metrics =
        !endpoint(environment, "otel.exporter.otlp.metrics.endpoint").isEmpty() || all;
    return !traces && !metrics
        ? Map.of()
        : Map.of(
            "otel.service.name",
            "greeter-service",
            "otel.traces.exporter",
            traces ? "otlp" : "none",
            "otel.metrics.exporter",
            metrics ? "otlp" : "none",
            "otel.logs.exporter",
            "none");
  }
}
