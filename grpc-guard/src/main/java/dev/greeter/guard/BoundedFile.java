package dev.greeter.guard;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A file that a setting names, read only up to a limit. Error messages omit its path: the setting
 * may contain the content instead.
 *
 * @param setting name of the setting
 * @param path its path; links are followed
 * @param maxBytes its maximum size
 * @param expected what the setting must name
 */
public record BoundedFile(String setting, String path, int maxBytes, String expected) {

  /**
   * Reads the file.
   *
   * @return its whole content
   * @throws InvalidSettingException if it does not exist, may not be read, is too large, or is not
   *     a regular file, such as a directory
   */
  public byte[] read() {
    try {
      Path file = Path.of(path);
      // A pipe would block the reader, and a device may never end.
      if (!Files.readAttributes(file, BasicFileAttributes.class).isRegularFile()) {
        throw refused("names a file that is not a regular file");
      }
      try (InputStream content = Files.newInputStream(file)) {
        byte[] read = content.readNBytes(maxBytes + 1);
        if (read.length > maxBytes) {
          throw refused("names a file larger than " + maxBytes / 1024 + " KB");
        }
        return read;
      }
    } catch (NoSuchFileException | InvalidPathException e) {
      throw refused("names a file that does not exist");
    } catch (AccessDeniedException e) {
      throw refused("names a file that this user may not read");
    } catch (IOException e) {
      throw refused("names a file that cannot be read");
    }
  }

  /** Returns the setting without the path. */
  @Override
  public String toString() {
    return "BoundedFile[setting=%s]".formatted(setting);
  }

  /**
   * Refuses the setting.
   *
   * @param problem what is wrong with the file, such as {@code names a file that does not exist}
   */
  public InvalidSettingException refused(String problem) {
    return new InvalidSettingException(setting, problem, expected);
  }
}
