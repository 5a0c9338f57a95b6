package dev.greeter.service.tls;

import dev.greeter.service.error.InvalidSetting;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import net.devh.boot.grpc.server.config.ClientAuth;
import net.devh.boot.grpc.server.config.GrpcServerProperties.Security;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.boot.ssl.pem.PemContent;
import org.springframework.core.io.Resource;

/** The server's certificate and key, and those who may vouch for clients, in PEM files. */
public final class ServerCertificates {

  private final Security settings;

  /**
   * Takes the settings.
   *
   * @param settings {@code grpc.server.security.*}
   */
  public ServerCertificates(Security settings) {
    this.settings = settings;
  }

  /** Returns the files that are named. */
  List<Resource> files() {
    return Stream.of(
            settings.getCertificateChain(),
            settings.getPrivateKey(),
            settings.getTrustCertCollection())
        .filter(Objects::nonNull)
        .toList();
  }

  /**
   * Reads the files.
   *
   * @return TLS as the settings want it, by the JVM and not by a native library, so that it is the
   *     same wherever the program runs
   * @throws FailureAnalyzedException if they cannot be used; the message names the property, its
   *     environment variable and what to set, but not the path, in whose place the key may stand
   */
  SslContext load() {
    List<X509Certificate> chain = chain();
    PrivateKey key = key();
    if (!belong(key, chain.get(0).getPublicKey())) {
      throw refused("private-key", "names a key that is not the certificate's");
    }
    SslContextBuilder builder = SslContextBuilder.forServer(key, chain);
    if (settings.getClientAuth() != ClientAuth.NONE) {
      List<X509Certificate> trusted =
          new ArrayList<>(
              read(
                  "trust-cert-collection",
                  settings.getTrustCertCollection(),
                  PemContent::getCertificates));
      // For the health probe: who has the server's key may also ask it.
      trusted.add(chain.get(0));
      builder
          .trustManager(trusted)
          .clientAuth(
              io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth.valueOf(
                  settings.getClientAuth().name()));
    }
    try {
      return GrpcSslContexts.configure(builder, SslProvider.JDK)
          .protocols("TLSv1.3", "TLSv1.2")
          .build();
    } catch (SSLException e) {
      throw refused("certificate-chain", "names a certificate that TLS cannot use");
    }
  }

  /**
   * Reads the server's certificate and those of its CAs.
   *
   * @throws FailureAnalyzedException as {@link #load}
   */
  public List<X509Certificate> chain() {
    return read("certificate-chain", settings.getCertificateChain(), PemContent::getCertificates);
  }

  /**
   * Reads the server's key.
   *
   * @throws FailureAnalyzedException as {@link #load}
   */
  public PrivateKey key() {
    return read(
        "private-key",
        settings.getPrivateKey(),
        pem -> pem.getPrivateKey(settings.getPrivateKeyPassword()));
  }

  private static <T> T read(
      String name, @Nullable Resource file, Function<PemContent, @Nullable T> part) {
    if (file == null) {
      throw refused(name, "is not set");
    }
    try (InputStream pem = file.getInputStream()) {
      T found = part.apply(PemContent.load(pem));
      if (found != null) {
        return found;
      }
    } catch (IOException e) {
      throw refused(name, "names a file that cannot be read");
    } catch (IllegalStateException | IllegalArgumentException e) {
      // Falls through: it says no more.
    }
    throw refused(name, "names a file that holds none in PEM");
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

  private static FailureAnalyzedException refused(String name, String problem) {
    return InvalidSetting.of(
        "grpc.server.security." + name,
        problem,
        "a readable file in PEM, such as file:/certificates/%s.pem".formatted(name));
  }
}
