package dev.greeter.guard;

import static dev.greeter.guard.setting.InvalidSettingException.checkSecret;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import dev.greeter.guard.caller.Client;
import dev.greeter.guard.setting.InvalidSettingException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Secrets by their digests, of which nothing tells how much of a guess was right: a guess that is
 * nearly right has another digest altogether. {@link HashCode} compares in constant time.
 */
final class Credentials {

  private static final Logger log = LoggerFactory.getLogger(Credentials.class);

  /** They take less than 3 MB. */
  private static final int MAX = 10_000;

  /** That of 24 random bytes in Base64; 32, as docs/secrets.md makes them, have 44. */
  private static final int SHORT = 32;

  private static final int MAX_SAID = 10;

  private static final String HASHED = "sha256:";

  /** Its bytes in UTF-8, each as a character; editors put it in front of a file. */
  private static final String BYTE_ORDER_MARK = "\u00EF\u00BB\u00BF";

  private static final Pattern DIGITS = Pattern.compile("[0-9a-f]{64}");
  private static final String WANTED =
      "a secret or its digest, sha256: and 64 hexadecimal digits; its name has letters, digits, '-',"
          + " '_' and '.', 64 at most";

  private final Map<HashCode, Credential> byDigest = new HashMap<>();
  private Set<String> clients = new HashSet<>();
  private List<String> weak = new ArrayList<>();
  private @Nullable String current;

  /** Returns the digest of a secret. */
  static HashCode digest(String secret) {
    return digest(secret.getBytes(UTF_8));
  }

  /** Returns the digest of a secret's bytes. */
  static HashCode digest(byte[] secret) {
    return Hashing.sha256().hashBytes(secret);
  }

  /** Returns what is accepted for a digest, null if nothing is. */
  @Nullable Credential get(HashCode digest) {
    return byDigest.get(digest);
  }

  /** Returns all of them. */
  Collection<Credential> all() {
    return Collections.unmodifiableCollection(byDigest.values());
  }

  /** Returns the first secret without a name, for a client to send. */
  String current() {
    if (current == null) {
      throw new IllegalArgumentException(
          "There is no secret to send: a digest cannot be sent, nor can one with a name");
    }
    return current;
  }

  /**
   * Adds a secret without a name, or {@code sha256:} and its digest; all but the first are previous
   * ones.
   *
   * @throws InvalidSettingException if a header cannot carry it
   */
  void add(String secret) {
    boolean hashed = isHashed(secret);
    HashCode digest = hashed ? hashed("secret", secret) : digest(checkSecret("secret", secret));
    byDigest.putIfAbsent(digest, new Credential(digest, null, !byDigest.isEmpty(), null));
    if (!hashed) {
      current = byDigest.size() == 1 ? secret : current;
      weak(secret, "a shared one");
    }
  }

  /**
   * Adds a secret of a client; all but its first are to go.
   *
   * @param place where it stands, for the log
   * @param secret the secret itself, or {@code sha256:} and its digest
   * @param until when it ends; null if it does not
   * @throws InvalidSettingException if it or the name cannot be used, or it is there already
   */
  void add(String place, String client, String secret, @Nullable Instant until) {
    if (!Client.isName(client)) {
      throw refused("NAME", "has a name that cannot be used");
    }
    boolean hashed = isHashed(secret);
    HashCode digest = hashed ? hashed(client, secret) : clear(client, secret);
    if (byDigest.size() == MAX) {
      throw refused("", "is one secret more than the %d that there may be".formatted(MAX));
    }
    var credential = new Credential(digest, client, !clients.add(client), until);
    if (byDigest.putIfAbsent(digest, credential) != null) {
      throw refused(client, "repeats a secret");
    }
    if (!hashed) {
      weak(secret, place);
    }
  }

  private void weak(String secret, String place) {
    if (secret.length() < SHORT) {
      weak.add(place);
    }
  }

  private static boolean isHashed(String secret) {
    return secret.toLowerCase(Locale.ROOT).startsWith(HASHED);
  }

  /** Returns the lines of a file that have something to say, by their numbers from 1. */
  static SortedMap<Integer, String> lines(byte[] content) {
    // Every byte is a character: one that is not ASCII is refused later, in whatever encoding.
    String text = new String(content, ISO_8859_1);
    List<String> lines = text.substring(text.startsWith(BYTE_ORDER_MARK) ? 3 : 0).lines().toList();
    SortedMap<Integer, String> numbered = new TreeMap<>();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isBlank() && !lines.get(i).strip().startsWith("#")) {
        numbered.put(i + 1, lines.get(i));
      }
    }
    return numbered;
  }

  /** Says in the log which secrets can be found by trying, and keeps only what calls ask for. */
  Credentials complete() {
    if (!weak.isEmpty()) {
      log.warn(
          "Secrets that are short, and may be found by trying: {}. Use 32 random bytes",
          some(weak));
    }
    weak = List.of();
    clients = Set.of();
    return this;
  }

  /** Returns as many of the texts as fit into a line that somebody reads. */
  static String some(Collection<String> texts) {
    String first = texts.stream().limit(MAX_SAID).collect(Collectors.joining(", "));
    return texts.size() > MAX_SAID
        ? first + " and %d more".formatted(texts.size() - MAX_SAID)
        : first;
  }

  private static HashCode hashed(String client, String secret) {
    String digits = secret.substring(HASHED.length()).toLowerCase(Locale.ROOT);
    if (!DIGITS.matcher(digits).matches()) {
      throw refused(client, "has no 64 hexadecimal digits behind sha256:");
    }
    return HashCode.fromString(digits);
  }

  private static HashCode clear(String client, String secret) {
    try {
      return digest(checkSecret(client, secret));
    } catch (InvalidSettingException e) {
      throw refused(client, e.problem());
    }
  }

  private static InvalidSettingException refused(String client, String problem) {
    return new InvalidSettingException(client, problem, WANTED);
  }
}
