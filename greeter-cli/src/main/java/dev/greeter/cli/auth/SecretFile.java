package dev.greeter.cli.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.greeter.cli.error.InvalidSettingException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * The secret in a file, as orchestrators mount it. A second line is for the service: the previous
 * secret, while it is being changed.
 */
final class SecretFile {

  private SecretFile() {}

  /**
   * Reads the secret.
   *
   * @param file path of the file
   * @return its first line
   * @throws InvalidSettingException if the file cannot be read or the content is no legal value;
   *     the message shows neither the content nor the path, in whose place the secret itself may
   *     stand
   */
  static String read(String file) {
    String content;
    try {
      // Every byte is a character: one that is no ASCII is refused below, in whatever encoding.
      content = Files.readString(Path.of(file), ISO_8859_1).replaceFirst("\r?\n\\z", "");
    } catch (NoSuchFileException | InvalidPathException e) {
      throw refused("names a file that does not exist");
    } catch (AccessDeniedException e) {
      throw refused("names a file that this user may not read");
    } catch (IOException e) {
      throw refused("names a file that cannot be read");
    }
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
    return lines.get(0);
  }

  private static InvalidSettingException refused(String problem) {
    return new InvalidSettingException(
        "greeter.auth.value-file (environment variable GREETER_AUTH_VALUE_FILE) " + problem + ".",
        "Set GREETER_AUTH_VALUE_FILE to the path of a readable file that holds the shared secret:"
            + " printable ASCII characters, with no blank at either end.");
  }
}
