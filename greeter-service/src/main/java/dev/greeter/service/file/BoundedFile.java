package dev.greeter.service.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.Function;

/**
 * A file that a setting names, which is read up to a limit only.
 *
 * @param path where it is; a link is followed
 * @param maxBytes how much of it is read
 * @param refusal makes the failure of a problem, which goes on from the setting's name: {@code
 *     names a file that does not exist}
 */
public record BoundedFile(
    Path path, int maxBytes, Function<String, ? extends RuntimeException> refusal) {

  /**
   * Reads the file.
   *
   * @return its whole content
   * @throws RuntimeException the refusal, if there is none, or it may not be read, is too large, or
   *     is something else, such as a directory
   */
  public byte[] read() {
    try {
      // A pipe would let the reader wait, and a device may never end.
      if (!Files.readAttributes(path, BasicFileAttributes.class).isRegularFile()) {
        throw refusal.apply("names a file that is not a regular one");
      }
      try (InputStream content = Files.newInputStream(path)) {
        byte[] read = content.readNBytes(maxBytes + 1);
        if (read.length > maxBytes) {
          throw refusal.apply("names a file of more than " + maxBytes / 1024 + " KB");
        }
        return read;
      }
    } catch (NoSuchFileException e) {
      throw refusal.apply("names a file that does not exist");
    } catch (AccessDeniedException e) {
      throw refusal.apply("names a file that this user may not read");
    } catch (IOException e) {
      throw refusal.apply("names a file that cannot be read");
    }
  }
}
