package dev.greeter.lab;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** A file of secrets that a service watches. */
public record SecretsFile(Path path) {

  /** The control clients' line in a file of named secrets. */
  public static final String ADA = line("ada", "42");

  /** Returns a client's line, with the digest of its secret. */
  public static String line(String name, String secret) {
    return name + " sha256:" + Hashing.sha256().hashString(secret, US_ASCII);
  }

  /** Replaces the file atomically. */
  public void write(List<String> lines) throws IOException {
    Path next = Files.write(path.resolveSibling(path.getFileName() + ".next"), lines);
    Files.move(next, path, StandardCopyOption.ATOMIC_MOVE);
  }
}
