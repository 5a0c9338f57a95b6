package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.setting.InvalidSettingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The secrets that count, as they are given and as a file holds them. */
class SecretsTest {

  private static final String SETTING = "greeter.auth.value-file";

  @RegisterExtension private final LogCapture log = new LogCapture();

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = directory.resolve("secret");
  }

  @Nested
  class Given {

    @Test
    void areTheCurrentOneAndThePreviousOneAfterIt() {
      assertSecrets(Secrets.of("new", "old"), "new", "old");
    }

    @Test
    void mayBeADigestThatIsNotForSending() {
      var secrets = Secrets.of("SHA256:" + Credentials.digest("marker"));
      assertThat(secrets.contains("marker")).isTrue();
      assertThat(secrets.contains("SHA256:" + Credentials.digest("marker"))).isFalse();
      assertNotForSending(secrets);
    }

    @Test
    void areNotForSendingIfTheCurrentOneIsADigest() {
      assertNotForSending(Secrets.of("sha256:" + "0".repeat(64), "marker"));
    }

    @ParameterizedTest
    @CsvSource({"31, true", "32, false"})
    void areNamedInTheLogIfTheyCanBeFoundByTrying(int length, boolean warned) {
      var unused = Secrets.of("m".repeat(length));
      assertThat(log.problems())
          .extracting(ILoggingEvent::getFormattedMessage)
          .hasSize(warned ? 1 : 0)
          .allMatch(
              line ->
                  line.equals(
                      "Secrets that are short, and may be found by trying: a shared one. Use 32"
                          + " random bytes"));
    }

    @ParameterizedTest
    @CsvSource({"new, true", "old, true", "ne, false", "newold, false", "New, false"})
    void containEachOfThem(String text, boolean contained) {
      assertThat(Secrets.of("new", "old").contains(text)).isEqualTo(contained);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " marker", "marker\n"})
    void areHeldToTheRulesOfASecret(String illegal) {
      assertRefused(() -> Secrets.of(illegal), "secret ");
      assertRefused(() -> Secrets.of("new", illegal), "secret ");
    }

    @Test
    void areOneIfBothAreTheSame() {
      assertSecrets(Secrets.of("new", "new"), "new");
    }

    @Test
    void areNotShown() {
      var secrets = Secrets.of("marker", "old marker");
      assertThat(secrets).asString().doesNotContain("marker");
      assertThat(secrets.find(Credentials.digest("marker")))
          .asString()
          .doesNotContain("marker")
          .doesNotContain(Credentials.digest("marker").toString());
    }
  }

  @Nested
  class OfClients {

    @Test
    void areTakenByTheirNames() {
      var secrets = Secrets.ofClients(Map.of("ada", "marker", "bob", "sha256:" + "0".repeat(64)));
      assertThat(secrets.find(Credentials.digest("marker"))).returns("ada", Credential::client);
      assertThat(log.problems())
          .extracting(ILoggingEvent::getFormattedMessage)
          .containsExactly(
              "Secrets that are short, and may be found by trying: ada. Use 32 random bytes");
    }

    @Test
    void areRefusedByTheirNames() {
      assertRefused(() -> Secrets.ofClients(Map.of("ada", "marker ")), "ada begins or ends with");
      assertRefused(
          () -> Secrets.ofClients(Map.of("a b", "marker")), "NAME has a name that cannot");
    }

    @Test
    void areRefusedWithWhatTheyCanBe() {
      assertThatExceptionOfType(InvalidSettingException.class)
          .isThrownBy(() -> Secrets.ofClients(Map.of("ada", "")))
          .satisfies(e -> assertThat(e.action()).startsWith("Set ADA to a secret or its digest, "));
    }

    @Test
    void areNotForSending() {
      assertNotForSending(Secrets.ofClients(Map.of("ada", "marker")));
    }

    @Test
    void areClosedWithOthers() throws Exception {
      write("marker");
      var secrets =
          Secrets.ofClients(Map.of("ada", "marker")).and(Secrets.inFile(SETTING, file.toString()));
      secrets.close();
      Awaitility.await()
          .until(
              () ->
                  Thread.getAllStackTraces().keySet().stream()
                      .noneMatch(thread -> thread.getName().equals("follow the secret file")));
    }
  }

  @Nested
  class InAFile {

    @ParameterizedTest
    @CsvSource(
        delimiter = ';',
        value = {
          "marker; marker",
          "marker\\n; marker",
          "marker\\r\\n; marker",
          "marker\\r; marker",
          "marker\\n\\n; marker",
          "two words\\n; two words",
        })
    void areTheContentLessOneNewline(String content, String secret) throws Exception {
      write(content.replace("\\r", "\r").replace("\\n", "\n"));
      assertHolds(secret);
    }

    @ParameterizedTest
    @ValueSource(strings = {"marker\r\nolder marker\n", "marker\nolder marker"})
    void areTheSecretAndThePreviousOneOnASecondLine(String content) throws Exception {
      write(content);
      assertHolds("marker", "older marker");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "# Of the greeter\nmarker\nolder marker",
          "\nmarker\n\n  # The old one\n\nolder marker\n \n",
          "\ufeffmarker\nolder marker",
          "\ufeff# As an editor saves it\r\n\r\nmarker\r\nolder marker\r\n",
        })
    void areWithoutCommentsBlankLinesAndAByteOrderMark(String content) throws Exception {
      write(content);
      assertHolds("marker", "older marker");
    }

    @Test
    void mayBeDigestsThatAreNotForSending() throws Exception {
      write("sha256:" + Credentials.digest("marker") + "\nolder marker");
      try (var secrets = Secrets.inFile(SETTING, file.toString())) {
        assertThat(secrets.find(Credentials.digest("marker"))).returns(false, Credential::previous);
        assertThat(secrets.find(Credentials.digest("older marker")))
            .returns(true, Credential::previous);
        assertNotForSending(secrets);
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "  \n", "# marker\n", "\ufeff"})
    void areRefusedIfThereIsNothingElse(String content) throws Exception {
      write(content);
      assertFileRefused(file.toString(), "names a file that has no secret in it");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "marker \n",
          " marker",
          "m\u00e4rker",
          "a\nb\nc",
          "a\n\u00e4",
          "sha256:marker",
          "marker\u0000",
        })
    void areRefusedWithoutBeingShownIfGrpcCannotCarryThem(String content) throws Exception {
      write(content);
      assertFileRefused(file.toString(), "names a file whose content");
    }

    @Test
    void areRefusedIfThereIsNone() {
      assertFileRefused(directory.resolve("marker").toString(), "names a file that does not exist");
    }

    @Test
    void areRefusedIfItHasNoEnd() {
      assertFileRefused("/dev/zero", "names a file that is not a regular one");
    }

    @Test
    void areRefusedIfItIsHuge() throws Exception {
      write("marker".repeat(20_000));
      assertFileRefused(file.toString(), "names a file of more than 16 KB");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "marker\0"})
    void areRefusedIfThePathIsThatOfNoFile(String path) {
      assertFileRefused(path, "names a file that");
    }

    private void assertHolds(String current, String... previous) {
      try (var secrets = Secrets.inFile(SETTING, file.toString())) {
        assertSecrets(secrets, current, previous);
      }
    }

    private void assertFileRefused(String path, String reason) {
      assertRefused(
          () -> Secrets.inFile(SETTING, path).close(),
          SETTING + " (environment variable GREETER_AUTH_VALUE_FILE) " + reason);
    }
  }

  @Nested
  @Tag("slow")
  class InAFileThatChanges {

    @AutoClose private Secrets secrets;

    @BeforeEach
    void follow() throws IOException {
      write("marker-old");
      secrets = Secrets.inFile(SETTING, file.toString());
    }

    @Test
    void areThoseOfTheFileSoonAfterItChanges() throws Exception {
      write("marker-new\nmarker-old\n");

      await(() -> assertAccepted("marker-new", "marker-old"));
    }

    @Test
    void stayWhileTheFileCannotBeUsedWhichIsSaidOnce() throws Exception {
      write("marker\u00e4");

      await(() -> assertThat(errors()).hasSize(1));
      assertAccepted("marker-old");

      write("marker-new");
      await(() -> assertAccepted("marker-new"));
      assertThat(errors())
          .hasSize(1)
          .allMatch(line -> line.startsWith("greeter.auth.value-file"))
          .noneMatch(line -> line.contains("marker"));
    }

    private List<String> errors() {
      return log.problems().stream()
          .filter(event -> event.getLevel() == Level.ERROR)
          .map(ILoggingEvent::getFormattedMessage)
          .toList();
    }

    private void assertAccepted(String current, String... previous) {
      assertSecrets(secrets, current, previous);
    }
  }

  private static void await(ThrowingRunnable assertion) {
    Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(assertion);
  }

  private static void assertSecrets(Secrets secrets, String current, String... previous) {
    assertThat(secrets.toSend()).isEqualTo(current);
    assertThat(secrets.find(Credentials.digest(current))).returns(false, Credential::previous);
    for (String text : previous) {
      assertThat(secrets.find(Credentials.digest(text))).returns(true, Credential::previous);
    }
  }

  private static void assertNotForSending(Secrets secrets) {
    assertThatThrownBy(secrets::toSend)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("There is no secret to send: a digest cannot be sent, nor can one with a name");
  }

  private static void assertRefused(ThrowingCallable making, String message) {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(making)
        .withMessageStartingWith(message)
        .satisfies(e -> assertThat(e.getMessage() + e.action()).doesNotContain("marker", "rker"));
  }

  /** Puts the file in place at once: it may be read at any time. */
  private void write(String content) throws IOException {
    Path other = Files.writeString(directory.resolve("new-content"), content);
    Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
