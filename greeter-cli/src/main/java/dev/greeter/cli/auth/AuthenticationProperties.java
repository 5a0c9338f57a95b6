package dev.greeter.cli.auth;

import dev.greeter.cli.error.InvalidSettingException;
import dev.greeter.cli.error.ReadableSettings;
import io.grpc.Metadata;
import java.util.Locale;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.Environment;

/**
 * The settings of the secret, {@code greeter.auth.*}, validated when they are bound, by the rules
 * of the service. They are not annotated with Bean Validation's constraints because its messages
 * print the refused value.
 *
 * @param header name of the metadata header that carries the secret
 * @param value the secret, wherever it was given
 * @param valueFile file that holds the secret, or null if none was named
 * @param allowPlaintext whether the secret may leave this machine in clear text
 */
public record AuthenticationProperties(
    String header, String value, @Nullable String valueFile, boolean allowPlaintext) {

  private static final ConfigurationPropertyName VALUE =
      ConfigurationPropertyName.of("greeter.auth.value");

  /**
   * Headers that are not the application's to set: what gRPC over HTTP/2 defines, and what HTTP/2
   * forbids or derives (RFC 9113, section 8.2.2). Names that begin with "grpc-" are reserved too.
   */
  private static final Set<String> RESERVED =
      Set.of(
          "connection",
          "content-length",
          "content-type",
          "host",
          "keep-alive",
          "proxy-connection",
          "te",
          "traceparent",
          "tracestate",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "user-agent");

  /**
   * Checks the settings.
   *
   * @param header name of the metadata header that carries the secret
   * @param value the secret; it does not count if there is a file
   * @param valueFile file that holds the secret, or null if none is named
   * @param allowPlaintext whether the secret may leave this machine in clear text
   * @throws InvalidSettingException if gRPC cannot carry the header or the value, or the file
   *     cannot be used; the message names the property, its environment variable and what to set,
   *     never the value
   */
  public AuthenticationProperties(
      String header,
      @Nullable String value,
      @Nullable String valueFile,
      @DefaultValue("false") boolean allowPlaintext) {
    String headerProblem = problemOfHeader(header);
    if (headerProblem != null) {
      throw new InvalidSettingException(
          "greeter.auth.header (environment variable GREETER_AUTH_HEADER) " + headerProblem + ".",
          "Set GREETER_AUTH_HEADER to a header name of letters, digits, '-', '_' and '.',"
              + " such as authorization.");
    }
    this.header = header;
    this.value = valueFile == null ? checked(value) : SecretFile.read(valueFile);
    this.valueFile = valueFile;
    this.allowPlaintext = allowPlaintext;
  }

  /**
   * Reads the settings. Not as {@code @ConfigurationProperties}: a secret is taken as it stands,
   * and those have what looks like a placeholder in it replaced, or printed if that fails.
   *
   * @param environment where the application has its properties
   * @return the settings, checked
   * @throws InvalidSettingException as the constructor, and if the secret is set twice: as a value
   *     and as a file
   */
  static AuthenticationProperties from(Environment environment) {
    var sources = ConfigurationPropertySources.get(environment);
    var settings =
        new Binder(sources)
            .bindOrCreate(
                "greeter.auth",
                Bindable.of(AuthenticationProperties.class),
                new ReadableSettings().apply(BindHandler.DEFAULT));
    long values =
        StreamSupport.stream(sources.spliterator(), false)
            .filter(source -> source.getConfigurationProperty(VALUE) != null)
            .count();
    // One of them is the default in application.yml.
    if (settings.valueFile() != null && values > 1) {
      throw new InvalidSettingException(
          "greeter.auth.value and greeter.auth.value-file (environment variables"
              + " GREETER_AUTH_VALUE and GREETER_AUTH_VALUE_FILE) are both set.",
          "Keep one of them: the shared secret, or the path of the file that holds it.");
    }
    return settings;
  }

  /** Returns the settings without the secret. */
  @Override
  public String toString() {
    return "AuthenticationProperties[header=%s, value=<hidden>]".formatted(header);
  }

  private static String checked(@Nullable String value) {
    String problem = problemOfValue(value);
    if (value == null || problem != null) {
      throw new InvalidSettingException(
          "greeter.auth.value (environment variable GREETER_AUTH_VALUE) " + problem + ".",
          "Set GREETER_AUTH_VALUE to the shared secret: printable ASCII characters,"
              + " with no blank at either end.");
    }
    return value;
  }

  /**
   * Checks the name of a header.
   *
   * @return what is wrong with it, to follow the name of what it was given for; null if it is fine
   */
  public static @Nullable String problemOfHeader(@Nullable String header) {
    if (header == null || header.isBlank()) {
      return "is blank";
    }
    String name = header.toLowerCase(Locale.ROOT);
    if (name.startsWith("grpc-") || RESERVED.contains(name)) {
      return "is a name that gRPC or tracing uses";
    }
    if (name.endsWith("-bin")) {
      return "ends in -bin, as only headers with binary values do";
    }
    try {
      Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
      return null;
    } catch (IllegalArgumentException e) {
      return "is not a legal header name";
    }
  }

  /**
   * Checks the value of a header. The rule is that of ASCII-Value in "gRPC over HTTP2": 0x20 to
   * 0x7E, white space at the ends unsafe.
   *
   * @return what is wrong with it, without the value; null if it is fine
   */
  public static @Nullable String problemOfValue(@Nullable String value) {
    if (value == null || value.isBlank()) {
      return "is blank";
    }
    if (value.chars().anyMatch(c -> c < 0x20 || c > 0x7E)) {
      return "has a character that a gRPC header cannot carry";
    }
    if (value.startsWith(" ") || value.endsWith(" ")) {
      return "begins or ends with a blank, which may be lost on the way";
    }
    return null;
  }
}
