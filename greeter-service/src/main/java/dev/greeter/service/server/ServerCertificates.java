package dev.greeter.service.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.Iterables;
import dev.greeter.guard.BoundedFile;
import dev.greeter.guard.InvalidSettingException;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.util.AdvancedTlsX509KeyManager;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import javax.net.ssl.X509ExtendedKeyManager;
import net.devh.boot.grpc.server.config.ClientAuth;
import net.devh.boot.grpc.server.config.GrpcServerProperties.Security;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.pem.PemContent;
import org.springframework.core.io.Resource;

/**
 * Reads the server's certificate and key, and the CAs of its clients, from PEM files. Errors do not
 * show the path, which may be a misplaced key.
 */
public final class ServerCertificates {

  static final String PREFIX = "grpc.server.security.";

  /** Enough for hundreds of certificates. */
  private static final int MAX_BYTES = 1024 * 1024;

  private final Security settings;
  private final BoundedFile chain;
  private final BoundedFile key;

  /**
   * Finds the files without reading them.
   *
   * @param settings {@code grpc.server.security.*}
   * @throws InvalidSettingException if a setting names no file or a key store
   */
  public ServerCertificates(Security settings) {
    refuseStore("key-store", settings.getKeyStore(), "certificate-chain");
    refuseStore("trust-store", settings.getTrustStore(), "trust-cert-collection");
    this.settings = settings;
    chain = file("certificate-chain", settings.getCertificateChain());
    key = file("private-key", settings.getPrivateKey());
  }

  /**
   * Reads the certificate and the key once.
   *
   * @return a key manager that presents the certificate to any server
   * @throws InvalidSettingException if they are invalid
   */
  public X509ExtendedKeyManager identity() {
    var identity = new AdvancedTlsX509KeyManager();
    identity.updateIdentityCredentials(
        certificates(chain, chain.read()).toArray(X509Certificate[]::new), key(key.read()));
    return identity;
  }

  /** Returns the files to read; the CAs are needed only if clients present certificates. */
  List<BoundedFile> files() {
    return settings.getClientAuth() == ClientAuth.NONE
        ? List.of(chain, key)
        : List.of(chain, key, file("trust-cert-collection", settings.getTrustCertCollection()));
  }

  /** Creates a context from the contents of the files, in their order. */
  SslContextBuilder context(List<byte[]> contents) {
    List<X509Certificate> certificates = certificates(chain, contents.get(0));
    PrivateKey privateKey = key(contents.get(1));
    if (!belong(privateKey, certificates.get(0))) {
      throw certificates.stream().anyMatch(each -> belong(privateKey, each))
          ? chain.refused("names a file that does not begin with the service's own certificate")
          : key.refused("names a key that does not match the certificate");
    }
    SslContextBuilder builder = SslContextBuilder.forServer(privateKey, certificates);
    if (files().size() > 2) {
      List<X509Certificate> trusted = certificates(files().get(2), contents.get(2));
      // For the health probe, which authenticates with the server's own key.
      builder.trustManager(Iterables.concat(trusted, certificates.subList(0, 1)));
    }
    return builder;
  }

  /** Returns the expiry of the server's certificate and its CAs, by their names in the log. */
  Map<String, Instant> ends(List<byte[]> contents) {
    Map<String, Instant> ends = new HashMap<>();
    for (X509Certificate each : certificates(chain, contents.get(0))) {
      Instant end = each.getNotAfter().toInstant();
      ends.put("%s (%s)".formatted(each.getSubjectX500Principal().getName(), end), end);
    }
    return ends;
  }

  private PrivateKey key(byte[] pem) {
    try {
      return parse(key, pem, content -> content.getPrivateKey(settings.getPrivateKeyPassword()));
    } catch (InvalidSettingException e) {
      throw new String(pem, ISO_8859_1).contains("ENCRYPTED")
          ? key.refused("names a key that " + PREFIX + "private-key-password does not decrypt")
          : e;
    }
  }

  private static void refuseStore(String name, @Nullable Resource store, String inPlace) {
    if (store != null) {
      throw new InvalidSettingException(
          PREFIX + name,
          "is for a key store, which this service does not support",
          "no value at all, and %s%s to a PEM file".formatted(PREFIX, inPlace));
    }
  }

  private static BoundedFile file(String name, @Nullable Resource resource) {
    String setting = PREFIX + name;
    String wanted = "a readable PEM file, such as file:/certificates/%s.pem".formatted(name);
    if (resource == null) {
      throw new InvalidSettingException(setting, "is not set", wanted);
    }
    try {
      return new BoundedFile(setting, resource.getFile().toString(), MAX_BYTES, wanted);
    } catch (IOException | InvalidPathException e) {
      throw new InvalidSettingException(setting, "names a file that cannot be read", wanted);
    }
  }

  private static List<X509Certificate> certificates(BoundedFile file, byte[] pem) {
    return parse(file, pem, PemContent::getCertificates);
  }

  private static <T> T parse(BoundedFile file, byte[] pem, Function<PemContent, @Nullable T> part) {
    try {
      T found = part.apply(PemContent.of(new String(pem, UTF_8)));
      if (found != null) {
        return found;
      }
    } catch (IllegalStateException | IllegalArgumentException e) {
      // Falls through: its message adds nothing.
    }
    throw file.refused("names a file that contains none in PEM format");
  }

  private static boolean belong(PrivateKey key, X509Certificate certificate) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      byte[] signed = signature.sign();
      signature.initVerify(certificate);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
