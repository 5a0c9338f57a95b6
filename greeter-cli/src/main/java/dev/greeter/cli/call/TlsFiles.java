package dev.greeter.cli.call;

import com.google.common.hash.Hashing;
import dev.greeter.cli.error.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.devh.boot.grpc.client.config.GrpcChannelProperties.Security;
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.stereotype.Component;

/** The files that the starter makes TLS from, {@code grpc.client.GLOBAL.security.*}. */
@Component
public class TlsFiles {

  private static final String VARIABLE = "GRPC_CLIENT_GLOBAL_SECURITY_";

  /** Hundreds of certificates. */
  private static final int MAX_BYTES = 1024 * 1024;

  private final Security settings;

  /**
   * Takes the settings.
   *
   * @param channels the starter's, which name the files
   */
  public TlsFiles(GrpcChannelsProperties channels) {
    this.settings = channels.getGlobalChannel().getSecurity();
  }

  /** Returns what changes with the files, or null if there are none. */
  @Nullable String version() {
    String contents =
        Stream.of(
                settings.getTrustCertCollection(),
                settings.getCertificateChain(),
                settings.getPrivateKey())
            .filter(Objects::nonNull)
            .map(TlsFiles::hash)
            .collect(Collectors.joining("-"));
    return contents.isEmpty() ? null : contents;
  }

  /**
   * Says which of the files cannot be used. Neither a path, in whose place a key may stand, nor
   * what is wrong with it is shown.
   *
   * @param failure what the starter has thrown; its message names the half of TLS
   */
  UsageException refused(IllegalArgumentException failure) {
    return String.valueOf(failure.getMessage()).contains("TrustStore")
        ? refused("trust-cert-collection")
        : refused("certificate-chain or private-key");
  }

  private static UsageException refused(String names) {
    String variables =
        names.toUpperCase(Locale.ROOT).replace('-', '_').replace(" OR ", " or " + VARIABLE);
    return new UsageException(
        """
        grpc.client.GLOBAL.security.%s (environment variable %s) names no file that TLS can use.
        Set it to a readable file in PEM, a key in PKCS #8, such as file:/certificates/tls.pem.\
        """
            .formatted(names, VARIABLE + variables));
  }

  /** Not the date, which {@code cp -p} takes along. */
  private static String hash(Resource file) {
    try (InputStream content = file.getInputStream()) {
      return Hashing.sha256().hashBytes(content.readNBytes(MAX_BYTES)).toString();
    } catch (IOException e) {
      return "none";
    }
  }
}
