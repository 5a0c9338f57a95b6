package dev.greeter.service.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.greeter.service.fixture.LogCapture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The secrets that count while their file changes. */
class AcceptedSecretsTest {

  @RegisterExtension private final LogCapture log = new LogCapture();

  @TempDir private Path directory;
  private Path file;
  @AutoClose private AcceptedSecrets secrets;

  @BeforeEach
  void follow() throws IOException {
    file = directory.resolve("secret");
    write("marker-old");
    secrets = AcceptedSecrets.following(file.toString());
  }

  @Test
  void areThoseOfTheFileSoonAfterItChanges() throws Exception {
    write("marker-new\nmarker-old\n");

    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertAccepted("marker-new", "marker-old"));
  }

  @Test
  void stayWhileTheFileCannotBeUsedWhichIsSaidOnce() throws Exception {
    write("marker\u00e4");

    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(log.problems()).hasSize(1));
    assertAccepted("marker-old");
    assertThat(log.problems())
        .extracting(event -> event.getLevel() + " " + event.getFormattedMessage())
        .allMatch(line -> line.startsWith(Level.ERROR + " greeter.auth.value-file"))
        .noneMatch(line -> line.contains("marker"));
  }

  private void assertAccepted(String... expected) {
    assertThat(secrets.get())
        .extracting(bytes -> new String(bytes, UTF_8))
        .containsExactly(expected);
  }

  private void write(String content) throws IOException {
    Files.writeString(file, content);
  }
}
