package dev.greeter.guard;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A value that a call has presented as a secret, and the client that it identifies. */
final class PresentedSecret implements Client, BooleanSupplier {

  private final byte[] value;
  private final Secrets secrets;

  /** What is accepted for the value; null if nothing is. */
  final @Nullable Credential credential;

  private PresentedSecret(byte[] value, @Nullable Credential credential, Secrets secrets) {
    this.value = value;
    this.credential = credential;
    this.secrets = secrets;
  }

  /**
   * Looks a value up. Calls of one connection present the same, and its digest would cost more than
   * the rest of the check: an equal value has the digest of the last one.
   *
   * @param last the latest credential of the connection
   */
  static PresentedSecret of(String text, @Nullable Object last, Secrets secrets) {
    // UTF-8 because a byte that is not ASCII arrives as U+FFFD, which ASCII would turn into '?'.
    byte[] value = text.getBytes(UTF_8);
    // The new value first: the time that isEqual takes depends on its first argument only.
    if (last instanceof PresentedSecret presented
        && presented.credential != null
        && MessageDigest.isEqual(value, presented.value)) {
      Credential now = secrets.find(presented.credential.digest());
      return now == presented.credential ? presented : new PresentedSecret(value, now, secrets);
    }
    return new PresentedSecret(value, secrets.find(Credentials.digest(value)), secrets);
  }

  /** Orders what a call presents: 0 is the best, from 2 on nothing is accepted. */
  int rank() {
    if (credential == null) {
      return 3;
    }
    if (secrets.isExpired(credential)) {
      return 2;
    }
    return credential.previous() ? 1 : 0;
  }

  /** Returns the client's name, which is empty for a shared secret. */
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

  /** Without the value. */
  @Override
  public String toString() {
    return name();
  }
}
