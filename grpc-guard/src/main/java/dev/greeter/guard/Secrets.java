package dev.greeter.guard;

import com.google.common.hash.HashCode;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The secrets that open a service: one that all its clients share, with the previous one while it
 * is being changed; or those of clients that have a name each. Where they come from a file, its
 * changes count within seconds; a file that cannot be used changes nothing.
 */
public final class Secrets implements AutoCloseable {

  /** More than two secrets may have. */
  private static final int MAX_BYTES = 16 * 1024;

  /** As many lines as there may be, each with the longest name, a digest, and an end. */
  private static final int MAX_BYTES_OF_CLIENTS = 2 * 1024 * 1024;

  private static final String EXPECTED =
      "the path of a readable file that holds the shared secret: printable ASCII characters, with no"
          + " blank at either end";

  private static final String EXPECTED_OF_CLIENTS =
      "the path of a readable file with a line for each secret of a client: its name, the secret or"
          + " sha256: and its digest, and until when it counts, if not for ever";

  private final String kind;
  private final Supplier<Credentials> source;
  private final InstantSource clock;
  private final @Nullable Secrets more;

  private Secrets(
      String kind, Supplier<Credentials> source, InstantSource clock, @Nullable Secrets more) {
    this.kind = kind;
    this.source = source;
    this.clock = clock;
    this.more = more;
  }

  /**
   * Accepts one secret.
   *
   * @throws InvalidSettingException if a header cannot carry it
   */
  public static Secrets of(String secret) {
    return of(secret, null);
  }

  /**
   * Accepts a secret and, maybe, the previous one.
   *
   * @param current the secret, or {@code sha256:} and its digest
   * @param previous a second one that is still accepted; null if there is none
   * @throws InvalidSettingException if a header cannot carry one of them
   */
  public static Secrets of(String current, @Nullable String previous) {
    var credentials = Credentials.parse(current, previous);
    return new Secrets(
        "a secret that does not change", () -> credentials, InstantSource.system(), null);
  }

  /**
   * Accepts what a file holds, and watches it: see {@link #inFile(String, String)}.
   *
   * @throws InvalidSettingException if the file cannot be read or used
   */
  public static Secrets inFile(@Nullable String path) {
    return inFile("The path of the secret file", path);
  }

  /**
   * Accepts what a file holds, and watches it until it is closed: the secret, or {@code sha256:}
   * and its digest, and the previous one on a second line. Lines that are blank or begin with
   * {@code #} are skipped.
   *
   * @param setting name of the setting that names the file
   * @param path path of the file; null if the setting is not there, which is refused
   * @throws InvalidSettingException if the file cannot be read or the content is no legal value;
   *     the message shows neither the content nor the path, in whose place the secret itself may
   *     stand
   */
  public static Secrets inFile(String setting, @Nullable String path) {
    return following(setting, path, false, InstantSource.system());
  }

  /**
   * Accepts the named secrets that a file holds, and watches it: see {@link
   * #ofClientsInFile(String, String)}.
   *
   * @throws InvalidSettingException if the file cannot be read or used
   */
  public static Secrets ofClientsInFile(@Nullable String path) {
    return ofClientsInFile("The path of the clients' file", path);
  }

  /**
   * Accepts the named secrets that a file holds, and watches it until it is closed. A line has a
   * name, a secret or {@code sha256:} and its digest and, if it ends, a date (in UTC, the last on
   * which it counts) or a time, as in ISO 8601. Of several lines with one name the first is the
   * client's current secret. Lines that begin with {@code #} are comments.
   *
   * @param setting name of the setting that names the file
   * @param path path of the file; null if the setting is not there, which is refused
   * @throws InvalidSettingException if the file cannot be read, or a line of it not be used; the
   *     message shows the line's number, neither its content nor the path
   */
  public static Secrets ofClientsInFile(String setting, @Nullable String path) {
    return ofClientsInFile(setting, path, InstantSource.system());
  }

  static Secrets ofClientsInFile(String setting, @Nullable String path, InstantSource clock) {
    return following(setting, path, true, clock);
  }

  /**
   * Returns these and others together; of a secret that is among both, these say whose it is.
   *
   * @param others closed with the returned ones
   */
  public Secrets and(Secrets others) {
    return new Secrets(kind, source, clock, more == null ? others : more.and(others));
  }

  /** Returns whether a text is one of them, even if it has expired. */
  public boolean contains(String text) {
    return find(Credentials.digest(text)) != null;
  }

  /** Returns what is accepted for a digest; null if nothing is. It may have expired. */
  @Nullable Credential find(HashCode digest) {
    Credential found = source.get().byDigest().get(digest);
    return found == null && more != null ? more.find(digest) : found;
  }

  /** Returns whether a secret that was found has expired. */
  boolean isExpired(Credential credential) {
    // A secret that does not expire costs no look at the clock.
    return credential.expiresAt() != null && !clock.instant().isBefore(credential.expiresAt());
  }

  /** Returns whether a secret that was found is still that of its client, and has not expired. */
  boolean isCurrent(Credential credential) {
    Credential now = find(credential.digest());
    return now != null && Objects.equals(now.client(), credential.client()) && !isExpired(now);
  }

  /** Returns the secret for a client to send, which the first without a name is. */
  String toSend() {
    return source.get().current();
  }

  /** Stops watching the files. */
  @Override
  public void close() {
    if (source instanceof WatchedFile<?> followed) {
      followed.close();
    }
    if (more != null) {
      more.close();
    }
  }

  /** Returns what kind of secrets they are, and none of them. */
  @Override
  public String toString() {
    return more == null ? kind : kind + " and " + more;
  }

  private static Secrets following(
      String setting, @Nullable String path, boolean named, InstantSource clock) {
    String expected = named ? EXPECTED_OF_CLIENTS : EXPECTED;
    if (path == null) {
      throw new InvalidSettingException(setting, "is not set", expected);
    }
    var file = new BoundedFile(setting, path, named ? MAX_BYTES_OF_CLIENTS : MAX_BYTES, expected);
    var warnings = new ExpiryWarnings("client secrets", clock);
    var followed =
        new WatchedFile<>(
            named ? "the clients' file" : "the secret file",
            List.of(file),
            contents -> Credentials.parse(file, contents.get(0), named),
            credentials -> warnings.check(credentials.ends()));
    String kind = named ? "secrets of clients in a file" : "a secret in a file";
    return new Secrets(kind, followed, clock, null);
  }
}
