package dev.greeter.service.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.greeter.service.file.BoundedFile;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.springframework.boot.diagnostics.FailureAnalyzedException;

/**
 * The secret in a file, as orchestrators mount it; while it is being changed, the previous one on a
 * second line.
 */
final class SecretFile {

  /** More than any header carries. */
  private static final int MAX_BYTES = 64 * 1024;

  private SecretFile() {}

  /**
   * Reads the file.
   *
   * @param file path of the file
   * @return its one or two lines; the newline at the end, which editors and {@code echo} add, may
   *     be missing
   * @throws FailureAnalyzedException if the file cannot be read or the content is no legal value;
   *     the message shows neither the content nor the path, in whose place the secret itself may
   *     stand
   */
  static List<String> read(String file) {
    return parse(at(file).read());
  }

  /** Returns the file of a path. */
  static BoundedFile at(String file) {
    try {
      return new BoundedFile(Path.of(file), MAX_BYTES, SecretFile::refused);
    } catch (InvalidPathException e) {
      throw refused("names a file that does not exist");
    }
  }

  /** Takes the lines out of what the file holds. */
  static List<String> parse(byte[] bytes) {
    // Every byte is a character: one that is no ASCII is refused below, in whatever encoding.
    String content = new String(bytes, ISO_8859_1).replaceFirst("\r?\n\\z", "");
    List<String> lines = List.of(content.split("\r?\n", -1));
    if (lines.size() > 2) {
      throw refused("names a file whose content has more than two lines");
    }
    for (String line : lines) {
      String problem = AuthenticationProperties.problemOfValue(line);
      if (problem != null) {
        throw refused("names a file whose content " + problem);
      }
    }
    return lines;
  }

  private static FailureAnalyzedException refused(String problem) {
    return new FailureAnalyzedException(
        "greeter.auth.value-file (environment variable GREETER_AUTH_VALUE_FILE) " + problem + ".",
        "Set GREETER_AUTH_VALUE_FILE to the path of a readable file that holds the shared secret:"
            + " printable ASCII characters, with no blank at either end.");
  }
}
