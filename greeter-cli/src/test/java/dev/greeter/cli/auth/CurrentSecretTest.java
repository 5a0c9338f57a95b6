package dev.greeter.cli.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The secret while its file changes. */
class CurrentSecretTest {

  @TempDir private Path directory;
  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE);
  private Path file;
  private CurrentSecret secret;

  @BeforeEach
  void start() throws IOException {
    file = directory.resolve("secret");
    Files.writeString(file, "old");
    secret = new CurrentSecret("old", file.toString(), clock::get);
  }

  @Test
  void isTheFilesWithinFiveSeconds() throws Exception {
    Files.writeString(file, "new\nold\n");
    clock.addAndGet(Duration.ofSeconds(5).toNanos() - 1);
    assertThat(secret.get()).isEqualTo("old");

    clock.incrementAndGet();
    assertThat(secret.get()).isEqualTo("new");
  }

  @Test
  void staysWhileTheFileCannotBeUsed() throws Exception {
    Files.delete(file);
    clock.addAndGet(Duration.ofMinutes(1).toNanos());
    assertThat(secret.get()).isEqualTo("old");

    Files.writeString(file, "new");
    clock.addAndGet(Duration.ofSeconds(5).toNanos());
    assertThat(secret.get()).isEqualTo("new");
  }

  @Test
  void neverChangesWithoutAFile() {
    var fixed = new CurrentSecret("value", null, clock::get);
    clock.addAndGet(Duration.ofDays(1).toNanos());

    assertThat(fixed.get()).isEqualTo("value");
  }
}
