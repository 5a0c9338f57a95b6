package dev.greeter.cli.shell;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Pattern;
import org.jline.reader.LineReader;

/**
 * Where the commands of earlier sessions are kept, as the XDG Base Directory Specification says.
 */
final class HistoryFile {

  /** A time that is a long, and no backslash at the end that escapes nothing. */
  private static final Pattern LINE = Pattern.compile("\\d{1,18}:(.*[^\\\\])?(\\\\\\\\)*");

  private HistoryFile() {}

  /**
   * Gives the shell the history of earlier sessions. Where the file cannot be written, as on a
   * read-only file system, the history ends with the session.
   *
   * @param reader the shell's reader, which from now on saves to the file
   * @param variables the environment variables
   */
  static void attach(LineReader reader, Map<String, String> variables) {
    try {
      Path file = create(path(variables));
      repair(file);
      reader.setVariable(LineReader.HISTORY_FILE, file);
    } catch (IOException | UnsupportedOperationException | InvalidPathException e) {
      reader.setVariable(LineReader.HISTORY_FILE, null);
    }
  }

  private static Path path(Map<String, String> variables) throws IOException {
    // The specification: a relative path is invalid and counts as unset.
    String state = variables.getOrDefault("XDG_STATE_HOME", "");
    String home = variables.getOrDefault("HOME", "");
    if (state.startsWith("/")) {
      return Path.of(state, "greeter", "history");
    }
    if (home.startsWith("/")) {
      return Path.of(home, ".local", "state", "greeter", "history");
    }
    throw new IOException("The user has no home directory");
  }

  /** JLine refuses a whole file for a byte that is no UTF-8, and for a line without its time. */
  private static void repair(Path file) throws IOException {
    byte[] content = Files.readAllBytes(file);
    byte[] lines =
        new String(content, UTF_8)
            .lines()
            .filter(line -> LINE.matcher(line).matches())
            .map(line -> line + "\n")
            .collect(joining())
            .getBytes(UTF_8);
    if (!Arrays.equals(content, lines)) {
      Files.write(file, lines);
    }
  }

  private static Path create(Path file) throws IOException {
    if (!Files.exists(file)) {
      Files.createDirectories(file.getParent());
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    return file;
  }
}
