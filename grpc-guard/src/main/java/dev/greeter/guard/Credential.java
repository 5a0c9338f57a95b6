package dev.greeter.guard;

import com.google.common.hash.HashCode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A secret that is accepted.
 *
 * @param digest its SHA-256; a caller is known by that, and it cannot be printed
 * @param client whose it is; null if it has no name
 * @param previous whether there is a newer one beside it
 * @param expiresAt null if it does not expire
 */
record Credential(
    HashCode digest, @Nullable String client, boolean previous, @Nullable Instant expiresAt) {

  /** Without the digest. */
  @Override
  public String toString() {
    return "Credential[client=%s, previous=%s, expiresAt=%s]"
        .formatted(client, previous, expiresAt);
  }
}
