package dev.greeter.service.attack;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** A file of secrets that a service follows. */
public final class SecretsFile {

  /** The line of the well-behaved clients in a file of named secrets. */
  public static final String ADA = "ada sha256:" + Hashing.sha256().hashString("42", US_ASCII);

  private SecretsFile() {}

  /** Puts lines in the place of what the file has, at once. */
  public static void write(Path file, String... lines) throws IOException {
    Path next = Files.write(file.resolveSibling("next"), List.of(lines));
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
