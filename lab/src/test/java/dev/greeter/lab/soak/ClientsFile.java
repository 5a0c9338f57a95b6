package dev.greeter.lab.soak;

import com.google.common.io.BaseEncoding;
import dev.greeter.lab.SecretsFile;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/** The clients' secrets in the file that the replicas watch, newest first. */
final class ClientsFile {

  private final SecureRandom random = new SecureRandom();
  private final Map<String, Deque<String>> lines = new LinkedHashMap<>();
  private final SecretsFile file;

  ClientsFile(SecretsFile file) {
    this.file = file;
  }

  String add(String client) throws IOException {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    String secret = BaseEncoding.base64Url().omitPadding().encode(bytes);
    lines
        .computeIfAbsent(client, name -> new ArrayDeque<>())
        .addFirst(SecretsFile.line(client, secret));
    write();
    return secret;
  }

  void removeOldest(String client) throws IOException {
    lines.getOrDefault(client, new ArrayDeque<>()).pollLast();
    write();
  }

  private void write() throws IOException {
    file.write(lines.values().stream().flatMap(Deque::stream).toList());
  }
}
