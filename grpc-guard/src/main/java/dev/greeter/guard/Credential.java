package dev.greeter.guard;

import com.google.common.hash.HashCode;
import io.grpc.ServerCall;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An accepted secret.
 *
 * @param digest its SHA-256, which identifies a caller and cannot be printed
 * @param client the name of its client; null if it has none
 * @param previous whether a newer one exists
 * @param expiresAt null if it does not expire
 * @param permitted full names of the services and methods that it may call; empty for all
 */
record Credential(
    HashCode digest,
    @Nullable String client,
    boolean previous,
    @Nullable Instant expiresAt,
    Set<String> permitted) {

  /** Returns whether it permits the method of a call, which need not exist. */
  boolean permits(ServerCall<?, ?> call) {
    return permitted.isEmpty()
        || Guard.isOf(permitted, call)
        || permitted.contains(call.getMethodDescriptor().getFullMethodName());
  }

  /** Omits the digest. */
  @Override
  public String toString() {
    return "Credential[client=%s, previous=%s, expiresAt=%s]"
        .formatted(client, previous, expiresAt);
  }
}
