package dev.greeter.service.tls;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.greeter.service.error.InvalidSetting;
import dev.greeter.service.file.BoundedFile;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import net.devh.boot.grpc.server.config.ClientAuth;
import net.devh.boot.grpc.server.config.GrpcServerProperties.Security;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.boot.ssl.pem.PemContent;
import org.springframework.core.io.Resource;

/** The server's certificate and key, and those who may vouch for clients, in PEM files. */
public final class ServerCertificates {

  /** Hundreds of certificates. */
  private static final int MAX_BYTES = 1024 * 1024;

  private final Security settings;
  private final TlsOptions options;

  /**
   * Takes the settings.
   *
   * @param settings {@code grpc.server.security.*}
   * @throws FailureAnalyzedException if one of them, files aside, cannot count
   */
  public ServerCertificates(Security settings) {
    this.settings = settings;
    this.options = TlsOptions.from(settings);
  }

  /** Returns the files that are read. */
  List<BoundedFile> files() {
    List<BoundedFile> files = new ArrayList<>(List.of(chainFile(), keyFile()));
    if (settings.getClientAuth() != ClientAuth.NONE) {
      files.add(file("trust-cert-collection", settings.getTrustCertCollection()));
    }
    return files;
  }

  /**
   * Makes a context.
   *
   * @param contents what the files hold
   * @return TLS as the settings want it, by the JVM and not by a native library, so that it is the
   *     same wherever the program runs
   * @throws FailureAnalyzedException if they cannot be used; the message names the property, its
   *     environment variable and what to set, but not the path, in whose place the key may stand
   */
  SslContext context(List<byte[]> contents) {
    List<X509Certificate> chain = chain(contents.get(0));
    PrivateKey key = key(contents.get(1));
    if (!belong(key, chain.get(0).getPublicKey())) {
      throw refused("private-key", "names a key that is not the certificate's");
    }
    SslContextBuilder builder = SslContextBuilder.forServer(key, chain);
    if (settings.getClientAuth() != ClientAuth.NONE) {
      List<X509Certificate> trusted =
          new ArrayList<>(
              parse("trust-cert-collection", contents.get(2), PemContent::getCertificates));
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
          .protocols(options.versions())
          .ciphers(options.ciphers())
          .build();
    } catch (SSLException e) {
      throw refused("certificate-chain", "names a certificate that TLS cannot use");
    }
  }

  /**
   * Reads the server's certificate and those of its CAs.
   *
   * @throws FailureAnalyzedException if the file cannot be used
   */
  public List<X509Certificate> chain() {
    return chain(chainFile().read());
  }

  /**
   * Reads the server's key.
   *
   * @throws FailureAnalyzedException if the file cannot be used
   */
  public PrivateKey key() {
    return key(keyFile().read());
  }

  private static List<X509Certificate> chain(byte[] pem) {
    return parse("certificate-chain", pem, PemContent::getCertificates);
  }

  private PrivateKey key(byte[] pem) {
    return parse(
        "private-key", pem, content -> content.getPrivateKey(settings.getPrivateKeyPassword()));
  }

  private BoundedFile chainFile() {
    return file("certificate-chain", settings.getCertificateChain());
  }

  private BoundedFile keyFile() {
    return file("private-key", settings.getPrivateKey());
  }

  private static BoundedFile file(String name, @Nullable Resource resource) {
    if (resource == null) {
      throw refused(name, "is not set");
    }
    try {
      Path path = resource.getFile().toPath();
      return new BoundedFile(path, MAX_BYTES, problem -> refused(name, problem));
    } catch (IOException | InvalidPathException e) {
      throw refused(name, "names a file that cannot be read");
    }
  }

  private static <T> T parse(String name, byte[] pem, Function<PemContent, @Nullable T> part) {
    try {
      T found = part.apply(PemContent.of(new String(pem, UTF_8)));
      if (found != null) {
        return found;
      }
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
