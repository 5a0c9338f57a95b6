package dev.greeter.settings;

import dev.greeter.guard.InvalidSettingException;
import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.Environment;

/** OpenTelemetry's own settings, of which none is shown: an address may hold a password. */
public final class CollectorSettings {

  private static final Pattern PROPERTY = Pattern.compile("otel(\\.[a-z_]+)+");

  private CollectorSettings() {}

  /**
   * Reads the address of a collector verbatim, as the SDK does: a password may have what looks like
   * a placeholder in it.
   *
   * @return the address; empty if it is not set
   * @throws InvalidSettingException if it is none with a host, of http or https
   */
  public static String endpoint(Environment environment, String property) {
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
   * Refuses what the SDK refuses.
   *
   * @param message the SDK's, of which only the property's name is shown
   */
  public static InvalidSettingException refusedBySdk(String message) {
    Matcher property = PROPERTY.matcher(message);
    return new InvalidSettingException(
        property.find() ? property.group() : "otel.*",
        "cannot be used by OpenTelemetry",
        "a value that its documentation lists");
  }
}
