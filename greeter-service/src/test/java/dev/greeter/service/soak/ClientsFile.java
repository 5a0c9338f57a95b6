package dev.greeter.service.soak;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.hash.Hashing;
import com.google.common.io.BaseEncoding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/** The file of the clients' secrets, which replicas follow: it has digests, the newest first. */
final class ClientsFile {

  private final SecureRandom random = new SecureRandom();
  private final Map<String, Deque<String>> lines = new LinkedHashMap<>();
  private final Path file;

  ClientsFile(Path file) {
    this.file = file;
  }

  /** Makes a secret for a client, beside those that it has, and returns it. */
  String add(String client) throws IOException {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    String secret = BaseEncoding.base64Url().omitPadding().encode(bytes);
    lines
        .computeIfAbsent(client, name -> new ArrayDeque<>())
        .addFirst(client + " sha256:" + Hashing.sha256().hashString(secret, UTF_8));
    write();
    return secret;
  }

  /** Takes the oldest secret of a client away. */
  void removeOldest(String client) throws IOException {
    lines.getOrDefault(client, new ArrayDeque<>()).pollLast();
    write();
  }

  private void write() throws IOException {
    Path next = file.resolveSibling("clients.next");
    Files.write(next, lines.values().stream().flatMap(Deque::stream).toList());
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
