package dev.greeter.service.guard;

import static dev.greeter.guard.setting.InvalidSettingException.checkSecret;

import dev.greeter.guard.Secrets;
import dev.greeter.guard.setting.InvalidSettingException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.core.env.Environment;

/**
 * The settings of the auth check, all but the secrets themselves.
 *
 * @param header name of the metadata header that carries the secret
 * @param valueFile path of a file that holds the secret, and while it is being changed the previous
 *     one on a second line; takes the place of {@code greeter.auth.value}
 * @param clientsFile path of a file with named secrets, a line each
 * @param openServices full names of the gRPC services that answer without the secret
 */
@ConfigurationProperties("greeter.auth")
record AuthenticationProperties(
    String header,
    @Nullable String valueFile,
    @Nullable String clientsFile,
    @DefaultValue Set<String> openServices) {

  private static final Logger log = LoggerFactory.getLogger(AuthenticationProperties.class);

  /** The value in the committed configuration. */
  private static final String DEMONSTRATION_VALUE = "42";

  private static final String PREFIX = "greeter.auth.";

  AuthenticationProperties {
    InvalidSettingException.checkHeader("header", header);
  }

  /**
   * Reads the secrets, not as {@code @ConfigurationProperties}: they are taken as they stand, and
   * those have what looks like a placeholder replaced, or printed if that fails.
   *
   * <p>The demonstration value is no longer accepted once there are secrets with names, or
   * everybody would still get in; another one counts beside them.
   *
   * @param environment where the application has its properties
   * @throws InvalidSettingException if a header cannot carry one, or a file cannot be used
   * @throws FailureAnalyzedException if they are set twice: as values and as a file
   */
  Secrets secrets(Environment environment) {
    Optional<Secrets> named =
        Optional.ofNullable(clientsFile)
            .map(file -> Secrets.ofClientsInFile(PREFIX + "clients-file", file));
    Optional<Secrets> shared = shared(environment, named.isPresent());
    Secrets all = Stream.of(named, shared).flatMap(Optional::stream).reduce(Secrets::and).get();
    if (all.contains(DEMONSTRATION_VALUE)) {
      log.warn(
          "The demonstration secret is in use, which everybody knows: set GREETER_AUTH_VALUE"
              + " to one of your own, for the service and for its clients");
    }
    return all;
  }

  private Optional<Secrets> shared(Environment environment, boolean besideNamed) {
    if (valueFile != null) {
      // One value is the default in application.yml.
      if (count("value", environment) > 1 || count("previous-value", environment) > 0) {
        throw new FailureAnalyzedException(
            "greeter.auth.value and greeter.auth.value-file (environment variables"
                + " GREETER_AUTH_VALUE and GREETER_AUTH_VALUE_FILE) are both set.",
            "Keep one of them: the shared secret, or the path of the file that holds it, with the"
                + " previous one on its second line.");
      }
      return Optional.of(Secrets.inFile(PREFIX + "value-file", valueFile));
    }
    String value = checkSecret(PREFIX + "value", read("value", environment));
    String previous = read("previous-value", environment);
    if (previous != null) {
      checkSecret(PREFIX + "previous-value", previous);
    }
    if (besideNamed && DEMONSTRATION_VALUE.equals(previous)) {
      previous = null;
    }
    return besideNamed && value.equals(DEMONSTRATION_VALUE)
        ? Optional.ofNullable(previous).map(secret -> Secrets.of(secret, null))
        : Optional.of(Secrets.of(value, previous));
  }

  /** Without the paths of the files: a secret itself may stand there. */
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
