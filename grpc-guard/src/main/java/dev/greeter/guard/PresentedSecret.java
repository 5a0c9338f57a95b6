package dev.greeter.guard;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.grpc.Context;
import io.grpc.ServerCall;
import java.security.MessageDigest;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A value that a call presented as a secret, and the client that it identifies. */
final class PresentedSecret implements Client, BooleanSupplier {

  /** The key of a call's unnamed secret, unless all calls of its connection are one client's. */
  static final Context.Key<PresentedSecret> KEY = Context.key("dev.greeter.guard.presented");

  private final byte[] value;
  private final Secrets secrets;

  /** The credential for the value; null if there is none. */
  final @Nullable Credential credential;

  private PresentedSecret(byte[] value, @Nullable Credential credential, Secrets secrets) {
    this.value = value;
    this.credential = credential;
    this.secrets = secrets;
  }

  /**
   * Looks up a value. Calls on one connection present the same value, and its digest would cost
   * more than the rest of the check: an equal value reuses the last digest.
   *
   * @param last the latest credential of the connection
   */
  static PresentedSecret of(String text, @Nullable Object last, Secrets secrets) {
    // UTF-8 because a byte that is not ASCII arrives as U+FFFD, which ASCII would turn into '?'.
    byte[] value = text.getBytes(UTF_8);
    // The new value first: the time of isEqual depends only on its first argument.
    if (last instanceof PresentedSecret presented
        && presented.credential != null
        && MessageDigest.isEqual(value, presented.value)) {
      Credential now = secrets.find(presented.credential.digest());
      return now == presented.credential ? presented : new PresentedSecret(value, now, secrets);
    }
    return new PresentedSecret(value, secrets.find(Credentials.digest(value)), secrets);
  }

  /** Ranks the presented value: 0 is the best, 2 and above are not accepted. */
  int rank() {
    if (credential == null) {
      return 3;
    }
    if (secrets.isExpired(credential)) {
      return 2;
    }
    return credential.previous() ? 1 : 0;
  }

  /** Returns whether it permitted the method of a call when it was presented. */
  boolean permits(ServerCall<?, ?> call) {
    return credential != null && credential.permits(call);
  }

  /** Returns whether the same secret, if it still exists, now permits the method of a call. */
  boolean stillPermits(ServerCall<?, ?> call) {
    Credential now = credential == null ? null : secrets.find(credential.digest());
    return now == null || now.permits(call);
  }

  /** Returns the client's name; empty for a shared secret. */
  @Override
  public String name() {
    return credential == null || credential.client() == null ? "" : credential.client();
  }

  @Override
  public boolean isAccepted() {
    return credential != null && secrets.isCurrent(credential);
  }

  @Override
  public boolean getAsBoolean() {
    return isAccepted();
  }

  /** Omits the value. */
  @Override
  public String toString() {
    return name();
  }
}
