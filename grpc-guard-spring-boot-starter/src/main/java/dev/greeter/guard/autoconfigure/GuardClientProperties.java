package dev.greeter.guard.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The secret that the application's channels send.
 *
 * @param secretFile Path of a file with the secret that each call sends.
 * @param header Metadata header that carries the secret; authorization if not set.
 * @param allowPlaintext Whether the secret may leave this machine in clear text, for a trusted
 *     network.
 */
@ConfigurationProperties(GuardClientProperties.PREFIX)
record GuardClientProperties(
    @Nullable String secretFile, @Nullable String header, boolean allowPlaintext) {

  static final String PREFIX = "grpc.guard.client";

  /** Omits the path of the file, which may be a misplaced secret. */
  @Override
  public String toString() {
    return "GuardClientProperties";
  }
}
