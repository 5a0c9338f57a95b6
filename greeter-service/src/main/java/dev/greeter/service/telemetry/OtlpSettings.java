package dev.greeter.service.telemetry;

import dev.greeter.service.error.InvalidSetting;
import java.net.URI;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** OpenTelemetry's own environment variables, {@code OTEL_*}, and what counts without them. */
final class OtlpSettings {

  private static final Pattern PROPERTY = Pattern.compile("otel(\\.[a-z_]+)+");

  private OtlpSettings() {}

  /**
   * Reads the settings.
   *
   * @return the SDK's properties; none if no endpoint is set, and nothing is to be sent
   * @throws FailureAnalyzedException if an endpoint is not the address of one; the message does not
   *     show it, as it may hold a password
   */
  static Map<String, String> from(ConfigurableEnvironment environment) {
    boolean all = isSet(environment, "otel.exporter.otlp.endpoint");
    boolean traces = isSet(environment, "otel.exporter.otlp.traces.endpoint") || all;
    boolean metrics = isSet(environment, "otel.exporter.otlp.metrics.endpoint") || all;
    Map<String, String> settings = new HashMap<>();
    if (traces || metrics) {
      settings.put("otel.service.name", "greeter-service");
      settings.put("otel.traces.exporter", traces ? "otlp" : "none");
      settings.put("otel.metrics.exporter", metrics ? "otlp" : "none");
      settings.put("otel.logs.exporter", "none");
      for (PropertySource<?> source : environment.getPropertySources()) {
        if (source instanceof SystemEnvironmentPropertySource variables) {
          for (String name : variables.getPropertyNames()) {
            if (name.startsWith("OTEL_")) {
              String property = name.toLowerCase(Locale.ROOT).replace('_', '.');
              settings.put(property, String.valueOf(variables.getProperty(name)));
            }
          }
        }
      }
    }
    return settings;
  }

  /**
   * Refuses what the SDK refuses.
   *
   * @param message the SDK's, of which only the property's name is shown: it may quote a password
   */
  static FailureAnalyzedException refusedBySdk(String message) {
    Matcher property = PROPERTY.matcher(message);
    return InvalidSetting.of(
        property.find() ? property.group() : "otel.*",
        "cannot be used by OpenTelemetry",
        "a value that its documentation lists");
  }

  private static boolean isSet(ConfigurableEnvironment environment, String property) {
    // As it stands, as the SDK takes it: a password may have what looks like a placeholder in it.
    String value =
        new Binder(ConfigurationPropertySources.get(environment))
            .bind(property, String.class)
            .orElse("");
    if (value.isBlank()) {
      return false;
    }
    if (!isAddress(value)) {
      throw InvalidSetting.of(
          property,
          "is not the address of a collector",
          "one with http or https, such as http://localhost:4317");
    }
    return true;
  }

  private static boolean isAddress(String value) {
    try {
      URI uri = URI.create(value);
      return uri.getHost() != null
          && uri.getPort() <= 65_535
          && String.valueOf(uri.getScheme()).matches("https?");
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
