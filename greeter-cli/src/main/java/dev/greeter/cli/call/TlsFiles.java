package dev.greeter.cli.call;

import dev.greeter.cli.error.UsageException;
import dev.greeter.guard.BoundedFile;
import dev.greeter.guard.InvalidSettingException;
import dev.greeter.guard.WatchedFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import net.devh.boot.grpc.client.config.GrpcChannelProperties;
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import net.devh.boot.grpc.client.config.NegotiationType;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.stereotype.Component;

/** The files that the starter makes TLS from, {@code grpc.client.GLOBAL.security.*}. */
@Component
public class TlsFiles implements AutoCloseable {

  private static final String PROPERTY = "grpc.client.GLOBAL.security.";
  private static final String TRUST = "trust-cert-collection";
  private static final String WANTED =
      "a readable file in PEM, a key in PKCS #8, such as file:/certificates/tls.pem";

  /** Hundreds of certificates. */
  private static final int MAX_BYTES = 1024 * 1024;

  private final GrpcChannelProperties channel;
  private @Nullable WatchedFile<String> followed;

  /**
   * Takes the settings.
   *
   * @param channels the starter's, which name the files
   */
  public TlsFiles(GrpcChannelsProperties channels) {
    this.channel = channels.getGlobalChannel();
  }

  /**
   * Returns what changes within seconds of the files, or null if TLS needs none. One that has gone,
   * or cannot be read any more, changes nothing.
   *
   * @throws InvalidSettingException if one of them cannot be read, and could not before
   */
  synchronized @Nullable String version() {
    if (followed == null) {
      List<BoundedFile> files = files();
      if (files.isEmpty()) {
        return null;
      }
      // Not a digest: where earlier content comes back, the channel that was made of it is closed.
      var versions = new AtomicInteger();
      followed =
          new WatchedFile<>(
              "the files for TLS",
              files,
              contents -> "" + versions.incrementAndGet(),
              version -> {});
    }
    return followed.get();
  }

  /**
   * Says which of the files cannot be used. Neither a path, in whose place a key may stand, nor
   * what is wrong with it is shown.
   *
   * @param failure what the starter has thrown, whose message names the half of TLS, or {@link
   *     #version}
   */
  UsageException refused(IllegalArgumentException failure) {
    String message = String.valueOf(failure.getMessage());
    String names =
        message.contains("TrustStore") || message.contains(TRUST)
            ? "trust-cert-collection (environment variable %1$sTRUST_CERT_COLLECTION)"
            : "certificate-chain or private-key"
                + " (environment variable %1$sCERTIFICATE_CHAIN or %1$sPRIVATE_KEY)";
    return new UsageException(
        (PROPERTY + names + " names no file that TLS can use.\nSet it to " + WANTED + ".")
            .formatted("GRPC_CLIENT_GLOBAL_SECURITY_"));
  }

  /** Follows the files no longer. */
  @Override
  public synchronized void close() {
    if (followed != null) {
      followed.close();
    }
  }

  private List<BoundedFile> files() {
    List<BoundedFile> files = new ArrayList<>();
    if (channel.getNegotiationType() == NegotiationType.TLS) {
      var security = channel.getSecurity();
      add(files, TRUST, security.getTrustCertCollection());
      if (Boolean.TRUE.equals(security.isClientAuthEnabled())) {
        add(files, "certificate-chain", security.getCertificateChain());
        add(files, "private-key", security.getPrivateKey());
      }
    }
    return files;
  }

  private static void add(List<BoundedFile> files, String setting, @Nullable Resource resource) {
    // Whatever else it is, such as a part of a jar, does not change.
    if (resource != null && resource.isFile()) {
      try {
        String path = resource.getFile().getPath();
        files.add(new BoundedFile(PROPERTY + setting, path, MAX_BYTES, WANTED));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
