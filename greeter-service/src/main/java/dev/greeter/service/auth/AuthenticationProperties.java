package dev.greeter.service.auth;

import io.grpc.Metadata;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.core.env.Environment;

/**
 * The settings of the auth check, {@code greeter.auth.*}, validated when they are bound. They are
 * not annotated with Bean Validation's constraints because its messages print the refused value.
 *
 * @param header name of the metadata header that carries the secret
 * @param value the secret, wherever it was given
 * @param previousValue a second secret that opens the service while the secret is being changed, or
 *     null if there is none
 * @param valueFile file that holds the secret, or null if none was named
 * @param openServices full names of the gRPC services that answer without the secret
 */
public record AuthenticationProperties(
    String header,
    String value,
    @Nullable String previousValue,
    @Nullable String valueFile,
    Set<String> openServices) {

  /** The value in the committed configuration, known to everybody. */
  private static final String DEMONSTRATION_VALUE = "42";

  private static final ConfigurationPropertyName VALUE =
      ConfigurationPropertyName.of("greeter.auth.value");

  private static final ConfigurationPropertyName PREVIOUS_VALUE =
      ConfigurationPropertyName.of("greeter.auth.previous-value");

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
   * @param previousValue the previous secret, or null; it does not count if there is a file
   * @param valueFile file that holds the secret, or null if none is named
   * @param openServices full names of the gRPC services that answer without the secret
   * @throws FailureAnalyzedException if gRPC cannot carry the header or the value, or the file
   *     cannot be used; the message names the property, its environment variable and what to set,
   *     never the value
   */
  public AuthenticationProperties(
      String header,
      @Nullable String value,
      @Nullable String previousValue,
      @Nullable String valueFile,
      @DefaultValue Set<String> openServices) {
    String headerProblem = problemOfHeader(header);
    if (headerProblem != null) {
      throw new FailureAnalyzedException(
          "greeter.auth.header (environment variable GREETER_AUTH_HEADER) " + headerProblem + ".",
          "Set GREETER_AUTH_HEADER to a header name of letters, digits, '-', '_' and '.',"
              + " such as authorization.");
    }
    this.header = header;
    if (valueFile == null) {
      this.value = checked("greeter.auth.value", "GREETER_AUTH_VALUE", value);
      this.previousValue =
          previousValue == null
              ? null
              : checked(
                  "greeter.auth.previous-value", "GREETER_AUTH_PREVIOUS_VALUE", previousValue);
    } else {
      List<String> lines = SecretFile.read(valueFile);
      this.value = lines.get(0);
      this.previousValue = lines.size() > 1 ? lines.get(1) : null;
    }
    this.valueFile = valueFile;
    this.openServices = openServices;
  }

  /**
   * Whether a secret is the one in the committed configuration.
   *
   * @return true if everybody knows the secret
   */
  boolean isDemonstrationValue() {
    return accepted().contains(DEMONSTRATION_VALUE);
  }

  /** Returns the secrets that open the service, the current one first. */
  List<String> accepted() {
    return previousValue == null ? List.of(value) : List.of(value, previousValue);
  }

  /**
   * Reads the settings. Not as {@code @ConfigurationProperties}: a secret is taken as it stands,
   * and those have what looks like a placeholder in it replaced, or printed if that fails.
   *
   * @param environment where the application has its properties
   * @return the settings, checked
   * @throws FailureAnalyzedException as the constructor, and if the secret is set twice: as a value
   *     and as a file
   */
  static AuthenticationProperties from(Environment environment) {
    var sources = ConfigurationPropertySources.get(environment);
    var settings = new Binder(sources).bindOrCreate("greeter.auth", AuthenticationProperties.class);
    // One value is the default in application.yml.
    boolean twice = count(VALUE, sources) > 1 || count(PREVIOUS_VALUE, sources) > 0;
    if (settings.valueFile() != null && twice) {
      throw new FailureAnalyzedException(
          "greeter.auth.value and greeter.auth.value-file (environment variables"
              + " GREETER_AUTH_VALUE and GREETER_AUTH_VALUE_FILE) are both set.",
          "Keep one of them: the shared secret, or the path of the file that holds it, with the"
              + " previous one on its second line.");
    }
    return settings;
  }

  private static long count(
      ConfigurationPropertyName name, Iterable<ConfigurationPropertySource> sources) {
    return StreamSupport.stream(sources.spliterator(), false)
        .filter(source -> source.getConfigurationProperty(name) != null)
        .count();
  }

  /** Returns the settings without the secret. */
  @Override
  public String toString() {
    return "AuthenticationProperties[header=%s, value=<hidden>, openServices=%s]"
        .formatted(header, openServices);
  }

  private static String checked(String property, String variable, @Nullable String value) {
    String problem = problemOfValue(value);
    if (value == null || problem != null) {
      throw new FailureAnalyzedException(
          "%s (environment variable %s) %s.".formatted(property, variable, problem),
          "Set %s to the shared secret: printable ASCII characters, with no blank at either end."
              .formatted(variable));
    }
    return value;
  }

  private static @Nullable String problemOfHeader(@Nullable String header) {
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

  /** The rule of ASCII-Value in "gRPC over HTTP2": 0x20 to 0x7E, white space at the ends unsafe. */
  static @Nullable String problemOfValue(@Nullable String value) {
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
