package dev.greeter.service.connection;

import dev.greeter.guard.setting.InvalidSettingException;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2SecurityUtil;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import net.devh.boot.grpc.server.config.GrpcServerProperties.Security;
import org.jspecify.annotations.Nullable;

/**
 * The versions and cipher suites of TLS that the server takes.
 *
 * @param versions by the JVM's names
 * @param ciphers by the JVM's names
 */
record TlsOptions(List<String> versions, List<String> ciphers) {

  private static final String PREFIX = "grpc.server.security.";
  private static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");

  /**
   * Reads the settings, of which those that are empty are not set: all that is both safe and there
   * counts then.
   */
  static TlsOptions from(Security settings) {
    refuseStores(settings);
    List<String> known = knownCiphers();
    List<String> versions = chosen("protocols", settings.getProtocols(), VERSIONS);
    String[] ciphers =
        settings.getCiphers() == null ? null : settings.getCiphers().toArray(String[]::new);
    var options = new TlsOptions(versions, chosen("ciphers", ciphers, known));
    if (versions.stream().noneMatch(options::hasCipherOf)) {
      throw new InvalidSettingException(
          PREFIX + "ciphers",
          "names none for the versions that are set as " + PREFIX + "protocols",
          "one or more of " + String.join(",", known));
    }
    return options;
  }

  private boolean hasCipherOf(String version) {
    // The names of older ones say with which key exchange.
    return ciphers.stream().anyMatch(name -> name.contains("_WITH_") == version.equals("TLSv1.2"));
  }

  private static List<String> chosen(String name, String @Nullable [] values, List<String> known) {
    List<String> set =
        Stream.of(values == null ? new String[0] : values).filter(v -> !v.isBlank()).toList();
    if (!known.containsAll(set)) {
      throw new InvalidSettingException(
          PREFIX + name,
          "names one that this service does not support",
          "one or more of " + String.join(",", known));
    }
    return set.isEmpty() ? known : set;
  }

  /** Those that HTTP/2 does not warn of (RFC 9113, appendix A) and this JVM has. */
  private static List<String> knownCiphers() {
    try {
      SSLContext jvm = SSLContext.getInstance("TLS");
      jvm.init(null, null, null);
      List<String> supported = Arrays.asList(jvm.getSupportedSSLParameters().getCipherSuites());
      return Http2SecurityUtil.CIPHERS.stream().filter(supported::contains).toList();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This JVM has no TLS", e);
    }
  }

  /** The starter would read key stores; this service reads PEM, and must not pass over a store. */
  private static void refuseStores(Security settings) {
    String key = "certificate-chain and " + PREFIX + "private-key";
    refuse("key-store", settings.getKeyStore(), key);
    refuse("key-store-format", format(settings.getKeyStoreFormat()), key);
    refuse("key-store-password", settings.getKeyStorePassword(), key);
    String trust = "trust-cert-collection";
    refuse("trust-store", settings.getTrustStore(), trust);
    refuse("trust-store-format", format(settings.getTrustStoreFormat()), trust);
    refuse("trust-store-password", settings.getTrustStorePassword(), trust);
  }

  private static @Nullable String format(String value) {
    return value.equals("AUTODETECT") ? null : value; // The starter's default.
  }

  private static void refuse(String name, @Nullable Object value, String inPlace) {
    if (value != null) {
      throw new InvalidSettingException(
          PREFIX + name,
          "is for a key store, which this service does not read",
          "no value at all, and %s%s to files in PEM".formatted(PREFIX, inPlace));
    }
  }
}
