package dev.greeter.service.connection;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.greeter.guard.file.BoundedFile;
import dev.greeter.guard.setting.InvalidSettingException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.InvalidPathException;
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
import org.springframework.boot.ssl.pem.PemContent;
import org.springframework.core.io.Resource;

/**
 * The server's certificate and key, and those who may vouch for clients, in PEM files. What is
 * wrong with one is said without its path, in whose place the key may stand.
 */
public final class ServerCertificates {

  /** Hundreds of certificates. */
  private static final int MAX_BYTES = 1024 * 1024;

  private final Security settings;
  private final TlsOptions options;
  private final BoundedFile chain;
  private final BoundedFile key;

  /**
   * Takes the settings.
   *
   * @param settings {@code grpc.server.security.*}
   * @throws InvalidSettingException if one of them cannot count
   */
  public ServerCertificates(Security settings) {
    this.settings = settings;
    this.options = TlsOptions.from(settings);
    this.chain = file("certificate-chain", settings.getCertificateChain());
    this.key = file("private-key", settings.getPrivateKey());
  }

  /** Returns the files that are read. */
  List<BoundedFile> files() {
    return settings.getClientAuth() == ClientAuth.NONE
        ? List.of(chain, key)
        : List.of(chain, key, trust());
  }

  /**
   * Makes a context.
   *
   * @param contents what the files hold
   * @return TLS as the settings want it, by the JVM and not by a native library, so that it is the
   *     same wherever the program runs
   * @throws InvalidSettingException if they cannot be used
   */
  SslContext context(List<byte[]> contents) {
    List<X509Certificate> certificates = certificates(chain, contents.get(0));
    PrivateKey privateKey = key(contents.get(1));
    if (!belong(privateKey, certificates.get(0).getPublicKey())) {
      throw key.refused("names a key that is not the certificate's");
    }
    SslContextBuilder builder = SslContextBuilder.forServer(privateKey, certificates);
    if (settings.getClientAuth() != ClientAuth.NONE) {
      List<X509Certificate> trusted = new ArrayList<>(certificates(trust(), contents.get(2)));
      // For the health probe: who has the server's key may also ask it.
      trusted.add(certificates.get(0));
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
      throw chain.refused("names a certificate that TLS cannot use");
    }
  }

  /**
   * Reads the server's certificate and those of its CAs.
   *
   * @throws InvalidSettingException if the file cannot be used
   */
  public List<X509Certificate> chain() {
    return certificates(chain, chain.read());
  }

  /**
   * Reads the server's key.
   *
   * @throws InvalidSettingException if the file cannot be used
   */
  public PrivateKey key() {
    return key(key.read());
  }

  private PrivateKey key(byte[] pem) {
    return parse(key, pem, content -> content.getPrivateKey(settings.getPrivateKeyPassword()));
  }

  private BoundedFile trust() {
    return file("trust-cert-collection", settings.getTrustCertCollection());
  }

  private static List<X509Certificate> certificates(BoundedFile file, byte[] pem) {
    return parse(file, pem, PemContent::getCertificates);
  }

  private static BoundedFile file(String name, @Nullable Resource resource) {
    String setting = "grpc.server.security." + name;
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
