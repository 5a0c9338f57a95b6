package dev.greeter.cli.telemetry;

import dev.greeter.cli.error.InvalidSettingException;
import java.net.URI;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    Map<String, String> settings = new HashMap<>();
    if (traces || metrics) {
      settings.put("otel.service.name", "greeter-cli");
      settings.put("otel.traces.exporter", traces ? "otlp" : "none");
      settings.put("otel.metrics.exporter", metrics ? "otlp" : "none");
      settings.put("otel.logs.exporter", "none");
    }
    return settings;
  }

  /**
   * Refuses what the SDK refuses.
   *
   * @param message the SDK's, of which only the property's name is shown: it may quote a password
   */
  static InvalidSettingException refusedBySdk(String message) {
    Matcher property = PROPERTY.matcher(message);
    return refused(
        property.find() ? property.group() : "otel",
        "cannot be used by OpenTelemetry",
        "a value that its documentation lists");
  }

  private static boolean isSet(Environment environment, String property) {
    String value = environment.getProperty(property);
    if (value == null || value.isBlank()) {
      return false;
    }
    if (!isAddress(value)) {
      throw refused(
          property,
          "is not the address of a collector",
          "one with http or https, such as http://localhost:4317");
    }
    return true;
  }

  private static InvalidSettingException refused(String property, String problem, String wanted) {
    String variable = property.toUpperCase(Locale.ROOT).replace('.', '_');
    return new InvalidSettingException(
        "%s (environment variable %s) %s.".formatted(property, variable, problem),
        "Set %s to %s.".formatted(variable, wanted));
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
