package dev.greeter.service.guard;

import dev.greeter.guard.setting.InvalidSettingException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.Environment;

/**
 * Reads the secrets of {@code greeter.auth.clients}, not with Boot's binder: of a name that is set
 * twice it takes one value, and the other would count no longer without a word.
 */
final class ClientSecrets {

  static final ConfigurationPropertyName PREFIX =
      ConfigurationPropertyName.of("greeter.auth.clients");
  static final ConfigurationPropertyName FILE =
      ConfigurationPropertyName.of("greeter.auth.clients-file");

  private final Map<String, String> byName = new LinkedHashMap<>();
  // Boot takes names for the same that are written in different ways.
  private final Set<ConfigurationPropertyName> properties = new HashSet<>();

  private ClientSecrets() {}

  /**
   * Returns the secret of each client.
   *
   * @throws InvalidSettingException if a client has two
   */
  static Map<String, String> read(Environment environment) {
    var secrets = new ClientSecrets();
    for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
      if (source instanceof IterableConfigurationPropertySource listed) {
        listed.stream()
            .filter(property -> PREFIX.equals(property) || PREFIX.isAncestorOf(property))
            .forEach(property -> secrets.add(property, listed));
      }
    }
    return secrets.byName;
  }

  private void add(ConfigurationPropertyName property, ConfigurationPropertySource source) {
    String client =
        IntStream.range(PREFIX.getNumberOfElements(), property.getNumberOfElements())
            .mapToObj(element -> property.getElement(element, Form.ORIGINAL))
            .collect(Collectors.joining("."));
    String secret = Objects.toString(value(property, source), "");
    if (client.equals("file") && secret.equals(value(FILE, source))) {
      return; // The variable GREETER_AUTH_CLIENTS_FILE, which has both meanings.
    }
    if (byName.put(client, secret) != null || !properties.add(property)) {
      throw new InvalidSettingException(
          property.toString(),
          "is set twice",
          "one secret; a file, which GREETER_AUTH_CLIENTS_FILE names, can have several");
    }
  }

  private static @Nullable Object value(
      ConfigurationPropertyName property, ConfigurationPropertySource source) {
    var found = source.getConfigurationProperty(property);
    return found == null ? null : found.getValue();
  }
}
