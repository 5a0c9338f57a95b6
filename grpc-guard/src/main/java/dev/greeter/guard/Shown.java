package dev.greeter.guard;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A value that a call has shown for a secret.
 *
 * @param value its bytes
 * @param credential what it is; null if nothing is accepted for it
 * @param secrets which say whether it still is
 */
record Shown(byte[] value, @Nullable Credential credential, Secrets secrets)
    implements BooleanSupplier {

  /**
   * Finds out what a value is. Calls of one connection show the same, and its digest would cost
   * more than all the rest of the check: it is that of the last one, if they are equal.
   *
   * @param last what the connection has been accepted for
   */
  static Shown of(String text, @Nullable Object last, Secrets secrets) {
    // UTF-8 because a byte that is no ASCII arrives as U+FFFD, and ASCII would turn that into '?'.
    byte[] value = text.getBytes(UTF_8);
    // The new value first: the time that isEqual takes depends on its first argument only.
    if (last instanceof Shown shown
        && shown.credential != null
        && MessageDigest.isEqual(value, shown.value)) {
      Credential now = secrets.find(shown.credential.digest());
      return now == shown.credential ? shown : new Shown(value, now, secrets);
    }
    return new Shown(value, secrets.find(Credentials.digest(value)), secrets);
  }

  @Override
  public boolean getAsBoolean() {
    return credential != null && secrets.isCurrent(credential);
  }

  /** Without the value. */
  @Override
  public String toString() {
    return "Shown[credential=%s]".formatted(credential);
  }
}
