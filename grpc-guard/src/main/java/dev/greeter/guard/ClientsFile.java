package dev.greeter.guard;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.greeter.guard.file.BoundedFile;
import dev.greeter.guard.setting.InvalidSettingException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/**
 * Reads a file with a line for each secret: name, secret and, if it ends, when. Empty lines and
 * those that begin with {@code #} are skipped.
 *
 * <p>What is said of a line has its number only: where name and secret are mixed up, the name is
 * the secret.
 */
final class ClientsFile {

  private ClientsFile() {}

  /**
   * Makes secrets of what the file holds.
   *
   * @throws InvalidSettingException if a line cannot be used, or nothing at all is there, as when
   *     an editor is just writing it; for nobody to be let in, there has to be a comment
   */
  static Credentials parse(BoundedFile file, byte[] content) {
    var credentials = new Credentials();
    if (new String(content, ISO_8859_1).isBlank()) {
      throw file.refused("names a file that is empty");
    }
    Credentials.lines(content)
        .forEach(
            (number, line) -> {
              try {
                add("line " + number, line.strip().split("\\s+", -1), credentials);
              } catch (InvalidSettingException e) {
                throw file.refused("names a file whose line %d %s".formatted(number, e.problem()));
              }
            });
    return credentials.complete();
  }

  private static void add(String place, String[] words, Credentials credentials) {
    if (words.length < 2 || words.length > 3) {
      throw refused("is not a name, a secret and, if it ends, when");
    }
    credentials.add(place, words[0], words[1], words.length == 3 ? end(words[2]) : null);
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

  private static InvalidSettingException refused(String problem) {
    return new InvalidSettingException("", problem, "");
  }
}
