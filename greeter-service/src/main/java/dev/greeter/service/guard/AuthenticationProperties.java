package dev.greeter.service.guard;

import dev.greeter.guard.auth.Secrets;
import dev.greeter.guard.setting.InvalidSettingException;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.core.env.Environment;

/**
 * The settings of the auth check, all but the secret itself.
 *
 * @param header name of the metadata header that carries the secret
 * @param valueFile path of a file that holds the secret, and while it is being changed the previous
 *     one on a second line; takes the place of {@code greeter.auth.value}
 * @param openServices full names of the gRPC services that answer without the secret
 */
@ConfigurationProperties("greeter.auth")
record AuthenticationProperties(
    String header, @Nullable String valueFile, @DefaultValue Set<String> openServices) {

  private static final String PREFIX = "greeter.auth.";

  AuthenticationProperties {
    InvalidSettingException.checkHeader("header", header);
  }

  /**
   * Reads the secret, not as {@code @ConfigurationProperties}: it is taken as it stands, and those
   * have what looks like a placeholder replaced, or printed if that fails.
   *
   * @param environment where the application has its properties
   * @throws InvalidSettingException if a header cannot carry it, or the file cannot be used
   * @throws FailureAnalyzedException if it is set twice: as a value and as a file
   */
  Secrets secrets(Environment environment) {
    if (valueFile != null) {
      // One value is the default in application.yml.
      if (count("value", environment) > 1 || count("previous-value", environment) > 0) {
        throw new FailureAnalyzedException(
            "greeter.auth.value and greeter.auth.value-file (environment variables"
                + " GREETER_AUTH_VALUE and GREETER_AUTH_VALUE_FILE) are both set.",
            "Keep one of them: the shared secret, or the path of the file that holds it, with the"
                + " previous one on its second line.");
      }
      return Secrets.inFile(PREFIX + "value-file", valueFile);
    }
    String previous = read("previous-value", environment);
    return Secrets.of(
        InvalidSettingException.checkSecret(PREFIX + "value", read("value", environment)),
        previous == null
            ? null
            : InvalidSettingException.checkSecret(PREFIX + "previous-value", previous));
  }

  /** Without the path of the file: the secret itself may stand there. */
  @Override
  public String toString() {
    return "AuthenticationProperties[header=%s, openServices=%s]".formatted(header, openServices);
  }

  private static @Nullable String read(String name, Environment environment) {
    var sources = ConfigurationPropertySources.get(environment);
    return new Binder(sources).bind(PREFIX + name, String.class).orElse(null);
  }

  private static long count(String name, Environment environment) {
    var property = ConfigurationPropertyName.of(PREFIX + name);
    return StreamSupport.stream(ConfigurationPropertySources.get(environment).spliterator(), false)
        .filter(source -> source.getConfigurationProperty(property) != null)
        .count();
  }
}
