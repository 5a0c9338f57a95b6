package dev.greeter.cli.option;

import dev.greeter.cli.console.UsageException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * The options that are settings: each takes the place of an environment variable. There is none for
 * the secret itself, which every list of processes would show.
 */
public final class StartOptions {

  private static final String SECRET = "greeter.auth.value";
  private static final String SECRET_FILE = "greeter.auth.value-file";

  private static final String GLOBAL = "grpc.client.GLOBAL.";
  private static final String SECURITY = GLOBAL + "security.";

  /** The setting of {@code --cacert}. */
  public static final String CACERT = SECURITY + "trust-cert-collection";

  /** The setting of {@code --cert}. */
  public static final String CERT = SECURITY + "certificate-chain";

  /** The setting of {@code --key}. */
  public static final String KEY = SECURITY + "private-key";

  private static final Map<Option, String> FILES =
      Map.of(
          Option.CACERT, CACERT,
          Option.CERT, CERT,
          Option.KEY, KEY,
          Option.SECRET_FILE, SECRET_FILE);

  private StartOptions() {}

  /**
   * Returns the properties that the options stand for.
   *
   * @throws UsageException if a file cannot be read
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
      throw new UsageException("--plaintext excludes TLS. Use one of them.");
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
      if (secret.equals("-") && (line.command() == null || line.arguments().contains("-"))) {
        throw new UsageException(
            "Standard input cannot hold both the secret and names or commands. Use a file.");
      }
      properties.put(SECRET_FILE, secret);
    }
    return properties;
  }

  /**
   * A setting of the user.
   *
   * @param value verbatim, with no placeholder replaced
   * @param source the option or environment variable that it comes from
   */
  public record Setting(String value, String source) {

    /** Returns whether it names a file of the secret. */
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
   * Finds where the secret is: an option takes precedence over a variable, and {@code
   * GREETER_AUTH_VALUE} over {@code GREETER_AUTH_VALUE_FILE}.
   *
   * @return null if none is set
   */
  public static @Nullable Setting secret(Environment environment) {
    Setting file = find(SECRET_FILE, environment);
    Setting value = find(SECRET, environment);
    boolean option = file != null && file.source().equals("" + Option.SECRET_FILE);
    return value == null || option ? file : value;
  }

  /**
   * Finds a setting.
   *
   * @return null if the user has not set it
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
      // As of a name with characters that the locale does not have.
      throw new UsageException("%s %s: not a valid path.".formatted(option, file));
    }
  }
}
