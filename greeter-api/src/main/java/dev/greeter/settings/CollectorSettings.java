package dev.greeter.settings;

import dev.greeter.guard.InvalidSettingException;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.Environment;

/** Reads OpenTelemetry's settings. It shows no values: an address may contain a password. */
public final class CollectorSettings {

  private static final Pattern PROPERTY = Pattern.compile("otel(\\.[a-z_]+)+");
  private static final Pattern SERVICE_NAME = Pattern.compile("(^|,) *service\\.name *=");

  private CollectorSettings() {}

  /** Reads an address verbatim, like the SDK: a password may look like a placeholder. */
  private static String endpoint(Environment environment, String property) {
    var binder = new Binder(ConfigurationPropertySources.get(environment));
    String value = binder.bind(property, String.class).orElse("");
    try {
      URI uri = URI.create(value.isBlank() ? "" : value);
      boolean http = uri.getHost() != null && String.valueOf(uri.getScheme()).matches("https?");
      if (uri.toString().isEmpty() || (http && uri.getPort() <= 65_535)) {
        return uri.toString();
      }
    } catch (IllegalArgumentException e) {
      // Falls through: its message repeats the value.
    }
    throw new InvalidSettingException(
        property,
        "is not the address of a collector",
        "one with http or https, such as http://localhost:4317");
  }

  /**
   * Returns the SDK's exporter settings, which complement its own environment variables.
   *
   * @param service the program's name, unless {@code OTEL_RESOURCE_ATTRIBUTES} sets another one
   * @return SDK properties; empty if neither an endpoint nor an exporter is set
   * @throws InvalidSettingException if an endpoint is not an http or https address with a host
   */
  public static Map<String, String> exporters(String service, Environment environment) {
    Map<String, String> properties = new HashMap<>();
    String all = endpoint(environment, "otel.exporter.otlp.endpoint");
    boolean none = true;
    for (String signal : List.of("traces", "metrics")) {
      String own = endpoint(environment, "otel.exporter.otlp." + signal + ".endpoint");
      boolean sent = !own.isEmpty() || !all.isEmpty();
      String exporter = "otel." + signal + ".exporter";
      properties.put(exporter, sent ? "otlp" : "none");
      none &= !sent && !environment.containsProperty(exporter);
    }
    properties.put("otel.logs.exporter", "none");
    // In the SDK, this name takes precedence over the attributes.
    if (!SERVICE_NAME.matcher(environment.getProperty("otel.resource.attributes", "")).find()) {
      properties.put("otel.service.name", service);
    }
    return none ? Map.of() : properties;
  }

  /**
   * Converts an SDK configuration error to one that names the setting.
   *
   * @param message the SDK's message; only the property name in it is shown
   */
  public static InvalidSettingException refusedBySdk(String message) {
    Matcher property = PROPERTY.matcher(message);
    return new InvalidSettingException(
        property.find() ? property.group() : "otel.*",
        "cannot be used by OpenTelemetry",
        "a value that OpenTelemetry documents for Java; the exporters here are otlp, console and"
            + " none, the protocols grpc and http/protobuf");
  }
}
