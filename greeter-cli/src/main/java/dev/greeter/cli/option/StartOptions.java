package dev.greeter.cli.option;

import dev.greeter.cli.console.UsageException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * The options that replace settings from environment variables. There is none for the secret
 * itself: every process list would show it.
 */
public final class StartOptions {

  private static final String SECRET = "greeter.auth.value";
  private static final String SECRET_FILE = "greeter.auth.value-file";

  private static final String GLOBAL = "grpc.client.GLOBAL.";
  private static final String SECURITY = GLOBAL + "security.";

  /** The setting for {@code --cacert}. */
  public static final String CACERT = SECURITY + "trust-cert-collection";

  /** The setting for {@code --cert}. */
  public static final String CERT = SECURITY + "certificate-chain";

  /** The setting for {@code --key}. */
  public static final String KEY = SECURITY + "private-key";

  private static final Map<Option, String> FILES =
      Map.of(
          Option.CACERT, CACERT,
          Option.CERT, CERT,
          Option.KEY, KEY,
          Option.SECRET_FILE, SECRET_FILE);

  private StartOptions() {}

  /**
   * Returns the properties that the options set.
   *
   * @throws UsageException if a file cannot be read or options conflict
   */
  public static Map<String, String> properties(CommandLine line) {
    Map<String, String> properties = new HashMap<>();
    for (Option option : List.of(Option.CACERT, Option.CERT, Option.KEY)) {
      String file = line.value(option);
      if (file != null) {
        properties.put(FILES.get(option), uri(option, file));
      }
    }
    String authority = line.value(Option.AUTHORITY);
    if (authority != null) {
      properties.put(SECURITY + "authority-override", authority);
    }
    boolean tls = line.has(Option.TLS) || !properties.isEmpty();
    if (tls && line.has(Option.PLAINTEXT)) {
      throw new UsageException("--plaintext conflicts with TLS. Use one of them.");
    }
    if (line.has(Option.CERT) != line.has(Option.KEY)) {
      throw new UsageException("A certificate needs its key. Use --cert and --key together.");
    }
    if (line.has(Option.CERT)) {
      properties.put(SECURITY + "client-auth-enabled", "true");
    }
    if (tls || line.has(Option.PLAINTEXT)) {
      properties.put(GLOBAL + "negotiation-type", tls ? "tls" : "plaintext");
    }
    if (line.has(Option.PLAINTEXT)) {
      properties.put("greeter.auth.allow-plaintext", "true");
    }
    String secret = line.value(Option.SECRET_FILE);
    if (secret != null) {
      boolean readsInput =
          line.command() == null
              || line.arguments().contains("-")
              || (line.arguments().isEmpty() && Set.of("greet", "chat").contains(line.command()));
      if (secret.equals("-") && readsInput) {
        throw new UsageException(
            "Standard input cannot provide both the secret and names or commands. Use a file.");
      }
      properties.put(SECRET_FILE, secret);
    }
    return properties;
  }

  /**
   * A setting that the user provided.
   *
   * @param value the value, verbatim, without placeholder replacement
   * @param source the option or environment variable that set it
   */
  public record Setting(String value, String source) {

    /** Returns whether the value is the path of a secret's file. */
    public boolean isSecretFile() {
      return source.equals("" + Option.SECRET_FILE) || source.endsWith("_FILE");
    }

    /** Returns the setting without its value, which may be a secret. */
    @Override
    public String toString() {
      return source;
    }
  }

  /**
   * Finds the setting of the secret. An option takes precedence over a variable, and {@code
   * GREETER_AUTH_VALUE_FILE} over {@code GREETER_AUTH_VALUE}.
   *
   * @return the setting; null if none is set
   */
  public static @Nullable Setting secret(Environment environment) {
    Setting file = find(SECRET_FILE, environment);
    return file == null ? find(SECRET, environment) : file;
  }

  /**
   * Finds a setting.
   *
   * @return the setting; null if the user has not set it
   */
  public static @Nullable Setting find(String property, Environment environment) {
    var name = ConfigurationPropertyName.adapt(property, '.');
    for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
      ConfigurationProperty found = source.getConfigurationProperty(name);
      if (found != null) {
        String kind =
            source.getUnderlyingSource() instanceof PropertySource<?> s ? s.getName() : "";
        return kind.equals("defaultProperties")
            ? null
            : new Setting(String.valueOf(found.getValue()), source(property, kind));
      }
    }
    return null;
  }

  private static String source(String property, String kind) {
    String variable = property.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
    if (kind.equals(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME)) {
      return variable;
    }
    return FILES.entrySet().stream()
        .filter(entry -> entry.getValue().equals(property))
        .map(entry -> entry.getKey().toString())
        .findFirst()
        .orElse(variable);
  }

  private static String uri(Option option, String file) {
    try {
      Path path = Path.of(file);
      if (!Files.isReadable(path) || Files.isDirectory(path)) {
        throw new UsageException(
            "%s %s: %s."
                .formatted(
                    option, file, Files.exists(path) ? "not a readable file" : "no such file"));
      }
      return path.toUri().toString();
    } catch (InvalidPathException e) {
      // For example, for characters that the locale cannot represent.
      throw new UsageException("%s %s: not a valid path.".formatted(option, file));
    }
  }
}
