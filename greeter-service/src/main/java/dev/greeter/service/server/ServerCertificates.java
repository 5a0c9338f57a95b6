package dev.greeter.service.server;

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
import java.security.PublicKey;
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
 * The server's certificate and key, and the CAs of its clients, from files in PEM. What is wrong
 * with one is said without its path, in whose place the key may stand.
 */
public final class ServerCertificates {

  static final String PREFIX = "grpc.server.security.";

  /** Hundreds of certificates. */
  private static final int MAX_BYTES = 1024 * 1024;

  private final Security settings;
  private final BoundedFile chain;
  private final BoundedFile key;

  /**
   * Finds the files; they are not read yet.
   *
   * @param settings {@code grpc.server.security.*}
   * @throws InvalidSettingException if one of them names no file, or a key store
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
   * @return what shows the certificate to any server
   * @throws InvalidSettingException if they cannot be used
   */
  public X509ExtendedKeyManager identity() {
    var identity = new AdvancedTlsX509KeyManager();
    identity.updateIdentityCredentials(
        certificates(chain, chain.read()).toArray(X509Certificate[]::new), key(key.read()));
    return identity;
  }

  /** Returns what the server reads; a client, which only shows its certificate, trusts nobody. */
  List<BoundedFile> files() {
    return settings.getClientAuth() == ClientAuth.NONE
        ? List.of(chain, key)
        : List.of(chain, key, file("trust-cert-collection", settings.getTrustCertCollection()));
  }

  /** Begins a context with what the files hold, in their order. */
  SslContextBuilder context(List<byte[]> contents) {
    List<X509Certificate> certificates = certificates(chain, contents.get(0));
    PrivateKey privateKey = key(contents.get(1));
    if (!belong(privateKey, certificates.get(0).getPublicKey())) {
      throw key.refused("names a key that is not the certificate's");
    }
    SslContextBuilder builder = SslContextBuilder.forServer(privateKey, certificates);
    if (files().size() > 2) {
      List<X509Certificate> trusted = certificates(files().get(2), contents.get(2));
      // For the health probe: anyone who has the server's key may also ask it.
      builder.trustManager(Iterables.concat(trusted, certificates.subList(0, 1)));
    }
    return builder;
  }

  /** Returns when the server's certificate and those of its CAs end, by what the log calls them. */
  Map<String, Instant> ends(List<byte[]> contents) {
    Map<String, Instant> ends = new HashMap<>();
    for (X509Certificate each : certificates(chain, contents.get(0))) {
      Instant end = each.getNotAfter().toInstant();
      ends.put("%s (%s)".formatted(each.getSubjectX500Principal().getName(), end), end);
    }
    return ends;
  }

  private PrivateKey key(byte[] pem) {
    return parse(key, pem, content -> content.getPrivateKey(settings.getPrivateKeyPassword()));
  }

  private static void refuseStore(String name, @Nullable Resource store, String inPlace) {
    if (store != null) {
      throw new InvalidSettingException(
          PREFIX + name,
          "is for a key store, which this service does not read",
          "no value at all, and %s%s to a file in PEM".formatted(PREFIX, inPlace));
    }
  }

  private static BoundedFile file(String name, @Nullable Resource resource) {
    String setting = PREFIX + name;
    String wanted = "a readable file in PEM, such as file:/certificates/%s.pem".formatted(name);
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
      // Falls through: it says no more.
    }
    throw file.refused("names a file that holds none in PEM");
  }

  private static boolean belong(PrivateKey key, PublicKey publicKey) {
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
      signature.initVerify(publicKey);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
