package dev.greeter.service.telemetry;

import dev.greeter.guard.setting.InvalidSettingException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.Environment;

/** What counts where OpenTelemetry's own environment variables, {@code OTEL_*}, say nothing. */
final class OtlpSettings {

  private static final Pattern PROPERTY = Pattern.compile("otel(\\.[a-z_]+)+");

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
    boolean all = isSet(environment, "otel.exporter.otlp.endpoint");
    boolean traces = isSet(environment, "otel.exporter.otlp.traces.endpoint") || all;
    boolean metrics = isSet(environment, "otel.exporter.otlp.metrics.endpoint") || all;
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

  /** Refuses what the SDK refuses; its message may quote a password, so only the name is shown. */
  static InvalidSettingException refusedBySdk(String message) {
    Matcher property = PROPERTY.matcher(message);
    return new InvalidSettingException(
        property.find() ? property.group() : "otel.*",
        "cannot be used by OpenTelemetry",
        "a value that its documentation lists");
  }

  private static boolean isSet(Environment environment, String property) {
    // As it stands, as the SDK takes it: a password may have what looks like a placeholder in it.
    String value =
        new Binder(ConfigurationPropertySources.get(environment))
            .bind(property, String.class)
            .orElse("");
    if (!value.isBlank()) {
      InvalidSettingException.checkHttpAddress(property, value);
    }
    return !value.isBlank();
  }
}
