package dev.greeter.guard;

import com.google.common.hash.HashCode;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The secrets that a service accepts: one that all clients share, plus the previous one during a
 * change, or named secrets of individual clients. Changes to a file of secrets take effect within
 * seconds; an invalid file changes nothing.
 */
public final class Secrets implements AutoCloseable {

  /** Enough for two secrets of the maximum length. */
  private static final int MAX_BYTES = 16 * 1024;

  /** The maximum number of lines, each with the longest name, a digest and an expiry. */
  private static final int MAX_BYTES_OF_CLIENTS = 2 * 1024 * 1024;

  private static final String EXPECTED =
      "the path of a readable file that holds the shared secret: printable ASCII characters, with no"
          + " blank at either end";

  private static final String EXPECTED_OF_CLIENTS =
      "the path of a readable file with a line for each secret of a client: its name, the secret or"
          + " sha256: and its digest, and optionally an expiry and permissions";

  private final String kind;
  private final Supplier<Credentials> source;
  private final InstantSource clock;
  private final @Nullable Secrets more;

  /** Full names of the server's services and methods; empty until known. */
  private final AtomicReference<Set<String>> served;

  private Secrets(
      String kind,
      Supplier<Credentials> source,
      InstantSource clock,
      @Nullable Secrets more,
      AtomicReference<Set<String>> served) {
    this.kind = kind;
    this.source = source;
    this.clock = clock;
    this.more = more;
    this.served = served;
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
   * Accepts a secret and, optionally, the previous one.
   *
   * @param current the secret, or {@code sha256:} and its digest
   * @param previous a second one that is still accepted; null if there is none
   * @throws InvalidSettingException if a header cannot carry one of them
   */
  public static Secrets of(String current, @Nullable String previous) {
    var credentials = Credentials.parse(current, previous);
    return new Secrets(
        "a secret that does not change",
        () -> credentials,
        InstantSource.system(),
        null,
        new AtomicReference<>(Set.of()));
  }

  /**
   * Accepts the secret in a file, and watches it: see {@link #inFile(String, String)}.
   *
   * @throws InvalidSettingException if the file cannot be read or used
   */
  public static Secrets inFile(@Nullable String path) {
    return inFile("The path of the secret file", path);
  }

  /**
   * Accepts the secret in a file, and watches it until closed: the secret or {@code sha256:} and
   * its digest and, optionally, the previous one on a second line. Blank lines and lines that start
   * with {@code #} are skipped.
   *
   * @param setting name of the setting that names the file
   * @param path path of the file; null, an unset setting, is refused
   * @throws InvalidSettingException if the file cannot be read or its content is invalid; the
   *     message shows neither the content nor the path, which may be a misplaced secret
   */
  public static Secrets inFile(String setting, @Nullable String path) {
    return following(setting, path, false, InstantSource.system());
  }

  /**
   * Accepts the named secrets in a file, and watches it: see {@link #ofClientsInFile(String,
   * String)}.
   *
   * @throws InvalidSettingException if the file cannot be read or used
   */
  public static Secrets ofClientsInFile(@Nullable String path) {
    return ofClientsInFile("The path of the clients' file", path);
  }

  /**
   * Accepts the named secrets in a file, and watches it until closed. A line consists of a name, a
   * secret or {@code sha256:} and its digest and, optionally, its expiry in ISO 8601: a date (the
   * last valid day, in UTC) or a time. Of several lines with one name, the first is the client's
   * current secret. Lines that start with {@code #} are comments.
   *
   * <p>A line may end with its permissions: full names of services, {@code package.Service}, and of
   * methods, {@code package.Service/Method}. For a service without a package, list its methods. A
   * secret without permissions permits all. Other calls end with {@code PERMISSION_DENIED}, as do
   * open calls whose method is no longer permitted. Open services need no permission. {@link
   * Guard#checkPermissions} reports names that the server does not have.
   *
   * @param setting name of the setting that names the file
   * @param path path of the file; null, an unset setting, is refused
   * @throws InvalidSettingException if the file cannot be read or a line is invalid; the message
   *     shows the line number, but neither the content nor the path
   */
  public static Secrets ofClientsInFile(String setting, @Nullable String path) {
    return ofClientsInFile(setting, path, InstantSource.system());
  }

  static Secrets ofClientsInFile(String setting, @Nullable String path, InstantSource clock) {
    return following(setting, path, true, clock);
  }

  /**
   * Returns these and other secrets combined; if both contain one, these determine its client.
   *
   * @param others closed with the result
   */
  public Secrets and(Secrets others) {
    return new Secrets(kind, source, clock, more == null ? others : more.and(others), served);
  }

  /** Returns whether a text is one of the secrets, even if expired. */
  public boolean contains(String text) {
    return find(Credentials.digest(text)) != null;
  }

  /** Returns the credential for a digest, even if expired; null if there is none. */
  @Nullable Credential find(HashCode digest) {
    Credential found = source.get().byDigest().get(digest);
    return found == null && more != null ? more.find(digest) : found;
  }

  /** Returns whether a credential has expired. */
  boolean isExpired(Credential credential) {
    // A secret that does not expire needs no clock.
    return credential.expiresAt() != null && !clock.instant().isBefore(credential.expiresAt());
  }

  /** Returns whether a credential still belongs to its client and has not expired. */
  boolean isCurrent(Credential credential) {
    Credential now = find(credential.digest());
    return now != null && Objects.equals(now.client(), credential.client()) && !isExpired(now);
  }

  /** Logs the lines that permit names unknown to the server, now and after each change. */
  void checkPermissions(Set<String> names) {
    served.set(names);
    source.get().checkPermissions(names);
    if (more != null) {
      more.checkPermissions(names);
    }
  }

  /** Returns the secret for a client to send: the first without a name. */
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

  /** Returns the kind of the secrets, but none of them. */
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
    var served = new AtomicReference<Set<String>>(Set.of());
    var followed =
        new WatchedFile<>(
            named ? "the clients' file" : "the secret file",
            List.of(file),
            contents -> Credentials.parse(file, contents.get(0), named),
            credentials -> {
              warnings.check(credentials.ends());
              credentials.checkPermissions(served.get());
            });
    String kind = named ? "secrets of clients in a file" : "a secret in a file";
    return new Secrets(kind, followed, clock, null, served);
  }
}
