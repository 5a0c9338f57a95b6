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

/** Reads the secrets, from where the settings say. */
final class SecretSettings {

  private static final Logger log = LoggerFactory.getLogger(SecretSettings.class);

  /** The value in the committed configuration. */
  private static final String DEMONSTRATION_VALUE = "42";

  private static final String VALUE = "greeter.auth.value";
  private static final String PREVIOUS_VALUE = "greeter.auth.previous-value";

  private SecretSettings() {}

  /**
   * Returns all secrets that are accepted.
   *
   * @throws InvalidSettingException if a header cannot carry one, a file cannot be used, or they
   *     are set twice: as values and as a file
   */
  static Secrets read(Auth files, Environment environment) {
    // As @ConfigurationProperties, what looks like a placeholder would be replaced, or printed if
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
            "no value at all, or the file: its second line holds the previous secret");
      }
      found.add(Secrets.inFile("greeter.auth.value-file", files.valueFile()));
    } else {
      List<String> values = new ArrayList<>(List.of(checkSecret(VALUE, value)));
      if (previous != null) {
        values.add(checkSecret(PREVIOUS_VALUE, previous));
      }
      if (!found.isEmpty()) {
        values.removeIf(DEMONSTRATION_VALUE::equals); // Or everybody would still get in.
      }
      if (!values.isEmpty()) {
        found.add(Secrets.of(values.get(0), values.size() > 1 ? values.get(1) : null));
      }
    }
    Secrets all = found.stream().reduce(Secrets::and).orElseThrow();
    if (all.contains(DEMONSTRATION_VALUE)) {
      log.warn(
          "The demonstration secret is in use, which everybody knows: set GREETER_AUTH_VALUE"
              + " to one of your own, for the service and for its clients");
    }
    return all;
  }
}
