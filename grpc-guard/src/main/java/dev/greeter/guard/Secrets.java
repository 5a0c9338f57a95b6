package dev.greeter.guard;

import com.google.common.hash.HashCode;
import dev.greeter.guard.file.BoundedFile;
import dev.greeter.guard.file.FollowedFile;
import dev.greeter.guard.setting.InvalidSettingException;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
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

  private static final String WANTED =
      "the path of a readable file that holds the shared secret: printable ASCII characters, with no"
          + " blank at either end";

  private static final String WANTED_OF_CLIENTS =
      "the path of a readable file with a line for each secret of a client: its name, the secret or"
          + " sha256: and its digest, and until when it counts, if not for ever";

  private final String kind;
  private final Supplier<Credentials> credentials;
  private final Runnable end;
  private final InstantSource clock;
  private final @Nullable Secrets more;

  private Secrets(
      String kind,
      Supplier<Credentials> credentials,
      Runnable end,
      InstantSource clock,
      @Nullable Secrets more) {
    this.kind = kind;
    this.credentials = credentials;
    this.end = end;
    this.clock = clock;
    this.more = more;
  }

  /**
   * Takes one secret for ever.
   *
   * @throws InvalidSettingException if a header cannot carry it
   */
  public static Secrets of(String secret) {
    return of(secret, null);
  }

  /**
   * Takes the same secrets for ever.
   *
   * @param current the secret, or {@code sha256:} and its digest
   * @param previous a second one that is still accepted; null if there is none
   * @throws InvalidSettingException if a header cannot carry one of them
   */
  public static Secrets of(String current, @Nullable String previous) {
    var fixed = new Credentials();
    fixed.add(current);
    if (previous != null) {
      fixed.add(previous);
    }
    return fixed("a secret that does not change", fixed.complete());
  }

  /**
   * Takes what a file holds, and follows its changes: see {@link #inFile(String, String)}.
   *
   * @throws InvalidSettingException if the file cannot be read or used
   */
  public static Secrets inFile(@Nullable String path) {
    return inFile("The path of the secret file", path);
  }

  /**
   * Takes what a file holds, and follows its changes until it is closed: the secret, or {@code
   * sha256:} and its digest, and the previous one on a second line. Lines that are blank or begin
   * with {@code #} are skipped.
   *
   * @param setting name of the setting that names the file
   * @param path path of the file; null if the setting is not there, which is refused
   * @throws InvalidSettingException if the file cannot be read or the content is no legal value;
   *     the message shows neither the content nor the path, in whose place the secret itself may
   *     stand
   */
  public static Secrets inFile(String setting, @Nullable String path) {
    var file = file(setting, path, MAX_BYTES, WANTED);
    var followed =
        new FollowedFile<>(
            "the secret file", List.of(file), contents -> parse(file, contents.get(0)));
    return new Secrets(
        "a secret in a file", followed, followed::close, InstantSource.system(), null);
  }

  /**
   * Takes the same named secrets for ever.
   *
   * @param secrets the secret of each client, or {@code sha256:} and its digest, by its name: of
   *     letters, digits, '-', '_' and '.', at most 64
   * @throws InvalidSettingException if one of them, or its name, cannot be used; it is about the
   *     name
   */
  public static Secrets ofClients(Map<String, String> secrets) {
    var fixed = new Credentials();
    secrets.forEach((client, secret) -> fixed.add(client, client, secret, null));
    return fixed("secrets of clients that do not change", fixed.complete());
  }

  /**
   * Takes the named secrets that a file holds, and follows its changes: see {@link
   * #ofClientsInFile(String, String)}.
   *
   * @throws InvalidSettingException if the file cannot be read or used
   */
  public static Secrets ofClientsInFile(@Nullable String path) {
    return ofClientsInFile("The path of the clients' file", path);
  }

  /**
   * Takes the named secrets that a file holds, and follows its changes until it is closed. A line
   * has a name, a secret or {@code sha256:} and its digest and, if it ends, a date (in UTC, the
   * last on which it counts) or a time, as in ISO 8601. Of several lines with one name the first is
   * the client's current secret. Lines that begin with {@code #} are comments.
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
    var file = file(setting, path, MAX_BYTES_OF_CLIENTS, WANTED_OF_CLIENTS);
    var warnings = new EndWarnings(clock);
    var followed =
        new FollowedFile<>(
            "the clients' file",
            List.of(file),
            contents -> ClientsFile.parse(file, contents.get(0)),
            warnings::check);
    return new Secrets("secrets of clients in a file", followed, followed::close, clock, null);
  }

  /**
   * Returns these and others together; of a secret that is among both, these say whose it is.
   *
   * @param others closed with the returned ones
   */
  public Secrets and(Secrets others) {
    return new Secrets(kind, credentials, end, clock, others);
  }

  /** Returns whether a text is one of them, even if it has expired. */
  public boolean contains(String text) {
    return find(Credentials.digest(text)) != null;
  }

  /** Returns what is accepted for a digest; null if nothing is. It may have ended. */
  @Nullable Credential find(HashCode digest) {
    Credential found = credentials.get().get(digest);
    return found == null && more != null ? more.find(digest) : found;
  }

  /** Returns whether a secret that was found has ended. */
  boolean hasEnded(Credential credential) {
    // No look at the clock for those that do not end.
    return credential.until() != null && !clock.instant().isBefore(credential.until());
  }

  /** Returns whether a secret that was found is still that of its client, and has not ended. */
  boolean isCurrent(Credential credential) {
    Credential now = find(credential.digest());
    return now != null && Objects.equals(now.client(), credential.client()) && !hasEnded(now);
  }

  /** Returns the secret for a client to send, which the first without a name is. */
  String toSend() {
    return credentials.get().current();
  }

  /** Follows the files no longer. */
  @Override
  public void close() {
    end.run();
    if (more != null) {
      more.close();
    }
  }

  /** Returns what kind of secrets they are, and none of them. */
  @Override
  public String toString() {
    return more == null ? kind : kind + " and " + more;
  }

  private static Secrets fixed(String kind, Credentials credentials) {
    return new Secrets(kind, () -> credentials, () -> {}, InstantSource.system(), null);
  }

  private static BoundedFile file(
      String setting, @Nullable String path, int maxBytes, String wanted) {
    if (path == null) {
      throw new InvalidSettingException(setting, "is not set", wanted);
    }
    return new BoundedFile(setting, path, maxBytes, wanted);
  }

  private static Credentials parse(BoundedFile file, byte[] bytes) {
    Collection<String> lines = Credentials.lines(bytes).values();
    if (lines.isEmpty()) {
      throw file.refused("names a file that has no secret in it");
    }
    if (lines.size() > 2) {
      throw file.refused("names a file whose content has more than two lines");
    }
    var credentials = new Credentials();
    try {
      lines.forEach(credentials::add);
    } catch (InvalidSettingException e) {
      throw file.refused("names a file whose content " + e.problem());
    }
    return credentials.complete();
  }
}
