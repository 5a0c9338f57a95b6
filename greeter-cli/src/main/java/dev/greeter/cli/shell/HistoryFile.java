package dev.greeter.cli.shell;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.jline.reader.LineReader;

/** The history of earlier sessions, located by the XDG Base Directory Specification. */
final class HistoryFile {

  private HistoryFile() {}

  /**
   * Loads the history of earlier sessions. If the file is not UTF-8 or cannot be written, as on a
   * read-only file system, the history ends with the session.
   *
   * @param reader the shell's reader, which then saves to the file
   * @param variables the environment variables
   */
  static void attach(LineReader reader, Map<String, String> variables) {
    try {
      Path file = create(path(variables));
      reader.setVariable(LineReader.HISTORY_FILE, file);
      reader.getHistory().attach(reader);
    } catch (IOException
        | UncheckedIOException
        | UnsupportedOperationException
        | InvalidPathException e) {
      reader.setVariable(LineReader.HISTORY_FILE, null);
    }
  }

  private static Path path(Map<String, String> variables) throws IOException {
    // By the specification, a relative path is invalid and counts as unset.
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

  private static Path create(Path file) throws IOException {
    if (!Files.exists(file)) {
      Files.createDirectories(file.getParent());
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    return file;
  }
}
