package dev.greeter.guard;

import static dev.greeter.guard.InvalidSettingException.checkSecret;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Ascii;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Secrets by their digests, which do not show how much of a guess was right: a guess that is nearly
 * right has another digest altogether. {@link HashCode} compares in constant time.
 */
final class Credentials {

  private static final Logger log = LoggerFactory.getLogger(Credentials.class);

  /** They take less than 3 MB. */
  private static final int MAX_NAMED = 10_000;

  /** The current one and the previous one. */
  private static final int MAX_SHARED = 2;

  /** That of 24 random bytes in Base64; 32, as docs/secrets.md makes them, have 44. */
  private static final int SHORT = 32;

  private static final String HASHED = "sha256:";

  /** Its bytes in UTF-8, each as a character; editors put it in front of a file. */
  private static final String BYTE_ORDER_MARK = "\u00EF\u00BB\u00BF";

  private final Map<HashCode, Credential> byDigest = new HashMap<>();
  private Set<@Nullable String> clients = new HashSet<>();
  private List<String> weak = new ArrayList<>();
  private @Nullable String current;

  /** Reads the shared secret and, unless it is null, the previous one. */
  static Credentials parse(String secret, @Nullable String previous) {
    var credentials = new Credentials();
    credentials.add("a shared one", null, secret, null);
    if (previous != null) {
      credentials.add("a shared one", null, previous, null);
    }
    return credentials.complete();
  }

  /**
   * Reads a file with a secret on each line, or a name, a secret and maybe an end. A message shows
   * the number of a line only: where name and secret are mixed up, the name is the secret.
   *
   * @throws InvalidSettingException if a line cannot be used, or there is no secret, as when an
   *     editor is just writing the file; a comment says that there are to be no named ones
   */
  static Credentials parse(BoundedFile file, byte[] content, boolean named) {
    var credentials = new Credentials();
    // Every byte is a character: one that is not ASCII is refused later, in whatever encoding.
    String text = new String(content, ISO_8859_1);
    List<String> lines = text.substring(text.startsWith(BYTE_ORDER_MARK) ? 3 : 0).lines().toList();
    int max = named ? MAX_NAMED : MAX_SHARED;
    int count = 0;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      if (++count > max) {
        throw file.refused("names a file of more than %d secrets".formatted(max));
      }
      try {
        if (named) {
          credentials.addNamed("line " + (i + 1), line.split("\\s+", -1));
        } else {
          credentials.add("a shared one", null, lines.get(i), null);
        }
      } catch (InvalidSettingException e) {
        throw file.refused("names a file whose line %d %s".formatted(i + 1, e.problem()));
      }
    }
    if (count == 0 && !(named && text.contains("#"))) {
      throw file.refused("names a file that has no secret in it");
    }
    return credentials.complete();
  }

  static HashCode digest(String secret) {
    return digest(secret.getBytes(UTF_8));
  }

  static HashCode digest(byte[] secret) {
    return Hashing.sha256().hashBytes(secret);
  }

  Map<HashCode, Credential> byDigest() {
    return byDigest;
  }

  /** Returns when secrets end, by what the log calls them. */
  Map<String, Instant> ends() {
    Map<String, Instant> ends = new HashMap<>();
    for (Credential credential : byDigest.values()) {
      if (credential.expiresAt() != null) {
        ends.put(credential.client() + " (" + credential.expiresAt() + ")", credential.expiresAt());
      }
    }
    return ends;
  }

  /** Returns the first secret if it has no name, for a client to send. */
  String current() {
    if (current == null) {
      throw new IllegalArgumentException(
          "There is no secret to send: a digest cannot be sent, nor can one with a name");
    }
    return current;
  }

  private void addNamed(String place, String[] words) {
    if (words.length < 2 || words.length > 3) {
      throw refused("is not a name, a secret and, if it ends, when");
    }
    if (!Client.isName(words[0])) {
      throw refused("has a name that cannot be used");
    }
    add(place, words[0], words[1], words.length == 3 ? end(words[2]) : null);
  }

  /** All but the first of a client, or of those without a name, are previous ones. */
  private void add(
      String place, @Nullable String client, String secret, @Nullable Instant expiresAt) {
    boolean hashed = Ascii.toLowerCase(secret).startsWith(HASHED);
    HashCode digest = hashed ? hashed(secret) : digest(checkSecret("secret", secret));
    if (!hashed && secret.length() < SHORT) {
      weak.add(place);
    }
    if (!hashed && client == null && byDigest.isEmpty()) {
      current = secret;
    }
    var credential = new Credential(digest, client, !clients.add(client), expiresAt);
    if (byDigest.putIfAbsent(digest, credential) != null && client != null) {
      throw refused("repeats a secret");
    }
  }

  private static HashCode hashed(String secret) {
    String digits = Ascii.toLowerCase(secret.substring(HASHED.length()));
    if (!digits.matches("[0-9a-f]{64}")) {
      throw refused("has no 64 hexadecimal digits behind sha256:");
    }
    return HashCode.fromString(digits);
  }

  /** A day ends where the next one begins, in UTC. */
  private static Instant end(String text) {
    try {
      return text.contains("T")
          ? OffsetDateTime.parse(text).toInstant()
          : LocalDate.parse(text).plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeException e) {
      // Without its message, which repeats the text: it may be the secret.
      throw refused(
          "ends neither on a date, as 2027-01-31, nor at a time, as 2027-01-31T12:00:00Z");
    }
  }

  /** Logs which secrets can be found by trying, and keeps only what calls ask for. */
  private Credentials complete() {
    if (!weak.isEmpty()) {
      log.warn(
          "Short secrets, which may be found by trying ({}): {}. Use 32 random bytes",
          weak.size(),
          weak.stream().limit(10).collect(Collectors.joining(", ")));
    }
    weak = List.of();
    clients = Set.of();
    return this;
  }

  private static InvalidSettingException refused(String problem) {
    return new InvalidSettingException("secret", problem, "a secret, or sha256: and its digest");
  }
}
