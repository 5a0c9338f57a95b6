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
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Secrets by their digests. They do not reveal how much of a guess was right: a nearly right guess
 * has a completely different digest. {@link HashCode} compares in constant time.
 */
final class Credentials {

  private static final Logger log = LoggerFactory.getLogger(Credentials.class);

  /** They need less than 4 MB, including all permissions. */
  private static final int MAX_NAMED = 10_000;

  /** Equal lists are kept and counted once. */
  private static final int MAX_PERMISSIONS = 5_000;

  /** The current one and the previous one. */
  private static final int MAX_SHARED = 2;

  /** The length of 24 random bytes in Base64; the 32 in docs/secrets.md have 44. */
  private static final int SHORT = 32;

  private static final String HASHED = "sha256:";

  /** A full protobuf name of a service in a package, or of a method. */
  private static final Pattern PERMISSION =
      Pattern.compile("(?=.*[./])X(\\.X)*+(/X)?".replace("X", "[A-Za-z_][A-Za-z0-9_]*"));

  private static final Pattern DATE = Pattern.compile("\\d{4}-\\d\\d-\\d\\d(T.*)?");

  /** Its UTF-8 bytes, each as a character; some editors start a file with it. */
  private static final String BYTE_ORDER_MARK = "\u00EF\u00BB\u00BF";

  private final Map<HashCode, Credential> byDigest = new HashMap<>();
  private Set<@Nullable String> clients = new HashSet<>();
  private final List<LineWithPermissions> linesWithPermissions = new ArrayList<>();
  private Map<Set<String>, Set<String>> lists = new HashMap<>();
  private int permissions;
  private Set<String> checkedFor = Set.of();
  private List<String> weak = new ArrayList<>();
  private @Nullable String current;

  /** Parses the shared secret and, unless it is null, the previous one. */
  static Credentials parse(String secret, @Nullable String previous) {
    var credentials = new Credentials();
    credentials.add("a shared one", null, secret, null, Set.of());
    if (previous != null) {
      credentials.add("a shared one", null, previous, null, Set.of());
    }
    return credentials.complete();
  }

  /**
   * Parses a file with a secret on each line, or a name, a secret and, optionally, an expiry and
   * permissions. Messages show only the line number: any word may be a misplaced secret.
   *
   * @throws InvalidSettingException if a line is invalid, or there is no secret, as while an editor
   *     writes the file; a comment marks a file of named secrets as empty on purpose
   */
  static Credentials parse(BoundedFile file, byte[] content, boolean named) {
    var credentials = new Credentials();
    // Every byte is a character: one that is not ASCII is refused later, in any encoding.
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
        throw file.refused("names a file with over %d secrets".formatted(max));
      }
      try {
        if (named) {
          credentials.addNamed(i + 1, Arrays.asList(line.split("\\s+", -1)));
        } else {
          credentials.add("a shared one", null, lines.get(i), null, Set.of());
        }
      } catch (InvalidSettingException e) {
        throw file.refused("names a file whose line %d %s".formatted(i + 1, e.problem()));
      }
    }
    if (count == 0 && !(named && text.contains("#"))) {
      throw file.refused("names a file that contains no secret");
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

  /** Returns the expiry of secrets by their label in the log. */
  Map<String, Instant> ends() {
    Map<String, Instant> ends = new HashMap<>();
    for (Credential credential : byDigest.values()) {
      if (credential.expiresAt() != null) {
        ends.put(credential.client() + " (" + credential.expiresAt() + ")", credential.expiresAt());
      }
    }
    return ends;
  }

  /** Returns the first secret, if it has no name, for a client to send. */
  String current() {
    if (current == null) {
      throw new IllegalArgumentException(
          "There is no secret to send: a digest cannot be sent, nor can one with a name");
    }
    return current;
  }

  /**
   * Logs the lines that permit names unknown to a server, once for each server.
   *
   * @param served full names of its services and methods; empty if not yet known
   */
  synchronized void checkPermissions(Set<String> served) {
    if (served.equals(checkedFor)) {
      return;
    }
    checkedFor = served;
    List<String> wrong =
        linesWithPermissions.stream()
            .filter(each -> !served.containsAll(each.permitted))
            .map(each -> "line " + each.line)
            .toList();
    warn("The clients' file permits names unknown to this server ({}): {}", wrong);
  }

  private void addNamed(int line, List<String> words) {
    if (words.size() < 2) {
      throw refused("is not a name, a secret and an optional expiry");
    }
    if (!Client.isName(words.get(0))) {
      throw refused("has an invalid name");
    }
    if (DATE.matcher(words.get(1)).matches()) {
      throw refused("has a date where its secret belongs");
    }
    // A date starts with a digit or a sign; a word without '.' and '/' is a malformed date.
    boolean ends = words.size() > 2 && !words.get(2).matches("(?![0-9+-]).*[./].*");
    Set<String> permitted = permitted(words.subList(ends ? 3 : 2, words.size()));
    if (!permitted.isEmpty()) {
      linesWithPermissions.add(new LineWithPermissions(line, permitted));
    }
    Instant end = ends ? end(words.get(2)) : null;
    add("line " + line, words.get(0), words.get(1), end, permitted);
  }

  private Set<String> permitted(List<String> names) {
    if (!names.stream().allMatch(name -> PERMISSION.matcher(name).matches())) {
      throw refused(
          "permits a name that is neither a service (package.Service) nor a method"
              + " (package.Service/Method)");
    }
    Set<String> list = Set.copyOf(names);
    Set<String> same = lists.putIfAbsent(list, list);
    if (same != null) {
      return same;
    }
    permissions += list.size();
    if (permissions > MAX_PERMISSIONS) {
      throw refused("raises the number of permissions above " + MAX_PERMISSIONS);
    }
    return list;
  }

  /** All but the first secret of a client, or without a name, are previous ones. */
  private void add(
      String place,
      @Nullable String client,
      String secret,
      @Nullable Instant expiresAt,
      Set<String> permitted) {
    boolean hashed = Ascii.toLowerCase(secret).startsWith(HASHED);
    HashCode digest = hashed ? hashed(secret) : digest(checkSecret("secret", secret));
    if (!hashed && secret.length() < SHORT) {
      weak.add(place);
    }
    if (!hashed && client == null && byDigest.isEmpty()) {
      current = secret;
    }
    var credential = new Credential(digest, client, !clients.add(client), expiresAt, permitted);
    if (byDigest.putIfAbsent(digest, credential) != null && client != null) {
      throw refused("repeats a secret");
    }
  }

  private static HashCode hashed(String secret) {
    String digits = Ascii.toLowerCase(secret.substring(HASHED.length()));
    if (!digits.matches("[0-9a-f]{64}")) {
      throw refused("does not have 64 hexadecimal digits after sha256:");
    }
    return HashCode.fromString(digits);
  }

  /** A day ends where the next one starts, in UTC. */
  private static Instant end(String text) {
    try {
      return text.contains("T")
          ? OffsetDateTime.parse(text).toInstant()
          : LocalDate.parse(text).plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeException e) {
      // Without its message: it repeats the text, which may be the secret.
      throw refused("expires neither on a date (2027-01-31) nor at a time (2027-01-31T12:00:00Z)");
    }
  }

  /** Logs which secrets are weak, and keeps only the data that calls need. */
  private Credentials complete() {
    warn("Short secrets, which may be found by trying ({}): {}. Use 32 random bytes", weak);
    weak = List.of();
    clients = Set.of();
    lists = Map.of();
    return this;
  }

  private static void warn(String text, List<String> places) {
    if (!places.isEmpty()) {
      log.warn(text, places.size(), places.stream().limit(10).collect(Collectors.joining(", ")));
    }
  }

  private static InvalidSettingException refused(String problem) {
    return new InvalidSettingException("secret", problem, "a secret, or sha256: and its digest");
  }

  private record LineWithPermissions(int line, Set<String> permitted) {}
}
