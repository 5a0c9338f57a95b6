package dev.greeter.service.guard;

import static dev.greeter.guard.InvalidSettingException.checkSecret;

import dev.greeter.guard.InvalidSettingException;
import dev.greeter.guard.Secrets;
import dev.greeter.service.GreeterProperties.Auth;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.Environment;

/** Reads the secrets from the configured sources. */
final class SecretSettings {

  private static final Logger log = LoggerFactory.getLogger(SecretSettings.class);

  /** The value in the committed configuration. */
  private static final String DEMONSTRATION_VALUE = "42";

  private static final String VALUE = "greeter.auth.value";
  private static final String PREVIOUS_VALUE = "greeter.auth.previous-value";

  private SecretSettings() {}

  /**
   * Returns all accepted secrets.
   *
   * @throws InvalidSettingException if a secret is not valid in a header, a file is unusable, or
   *     both a value and a file are set
   */
  static Secrets read(Auth files, Environment environment) {
    // @ConfigurationProperties would replace anything that looks like a placeholder, or print it if
    // that fails.
    var verbatim = new Binder(ConfigurationPropertySources.get(environment));
    String value = verbatim.bind(VALUE, String.class).orElse("");
    String previous = verbatim.bind(PREVIOUS_VALUE, String.class).orElse(null);
    List<Secrets> found = new ArrayList<>();
    if (files.clientsFile() != null) {
      found.add(Secrets.ofClientsInFile("greeter.auth.clients-file", files.clientsFile()));
    }
    if (files.valueFile() != null) {
      if (!value.equals(DEMONSTRATION_VALUE) || previous != null) {
        throw new InvalidSettingException(
            VALUE,
            "is set, and so is greeter.auth.value-file (environment variable"
                + " GREETER_AUTH_VALUE_FILE)",
            "no value at all, or unset the file, whose second line is the previous secret");
      }
      found.add(Secrets.inFile("greeter.auth.value-file", files.valueFile()));
    } else {
      List<String> values = new ArrayList<>(List.of(checkSecret(VALUE, value)));
      if (previous != null) {
        values.add(checkSecret(PREVIOUS_VALUE, previous));
      }
      if (!found.isEmpty()) {
        values.removeIf(DEMONSTRATION_VALUE::equals); // Otherwise anyone would be accepted.
      }
      if (!values.isEmpty()) {
        found.add(Secrets.of(values.get(0), values.size() > 1 ? values.get(1) : null));
      }
    }
    Secrets all = found.stream().reduce(Secrets::and).orElseThrow();
    if (all.contains(DEMONSTRATION_VALUE)) {
      log.warn(
          "The demonstration secret is in use. It is public: set GREETER_AUTH_VALUE"
              + " to your own secret, for the service and for its clients");
    }
    return all;
  }
}
