package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.SecretFile;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests secrets that are given directly or in files. */
class SecretsTest {

  private static final String DIGEST = Credentials.digest("marker").toString();

  @RegisterExtension private final LogCapture log = new LogCapture();

  private final SecretFile file = new SecretFile("");
  private @Nullable Secrets followed;

  @AfterEach
  void close() {
    if (followed != null) {
      followed.close();
    }
  }

  @Test
  void distinguishesCurrentAndPreviousSecret() {
    assertShared(Secrets.of("new", "old"), "new", "old");
    assertShared(Secrets.of("new", "new"), "new");
  }

  @ParameterizedTest
  @CsvSource({"new, true", "old, true", "ne, false", "newold, false", "New, false"})
  void matchesWholeSecretsOnly(String text, boolean contained) {
    assertThat(Secrets.of("new", "old").contains(text)).isEqualTo(contained);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " marker", "marker\n", "sha256:marker"})
  void rejectsInvalidSecrets(String illegal) {
    assertRefused(() -> Secrets.of(illegal), "secret ");
    assertRefused(() -> Secrets.of("new", illegal), "secret ");
  }

  @Test
  void sendsNeitherDigestsNorNamedSecrets() {
    for (var secrets :
        List.of(Secrets.of("SHA256:" + DIGEST, "old"), shared("sha256:" + DIGEST), named("a b"))) {
      assertThatThrownBy(secrets::toSend)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "There is no secret to send: a digest cannot be sent, nor can one with a name");
    }
  }

  @Test
  void matchesDigestedSecretWithoutExposingIt() {
    var secrets = Secrets.of("sha256:" + DIGEST);
    assertThat(secrets.contains("marker")).isTrue();
    assertThat(secrets.contains("sha256:" + DIGEST)).isFalse();
    assertThat(secrets + " " + find(secrets, "marker")).doesNotContain("marker", DIGEST);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "marker | marker",
        "marker\\n | marker",
        "marker\\r\\n | marker",
        "marker\\r | marker",
        "two words\\n\\n | two words",
        "marker\\r\\nolder marker\\n | marker, older marker",
        "marker\\nolder marker | marker, older marker",
        "\\nmarker\\n\\n  # The old one\\n\\nolder marker\\n \\n | marker, older marker",
        "\ufeff# As an editor saves it\\r\\nmarker\\r\\nolder marker | marker, older marker",
        "\ufeffmarker\\nolder marker | marker, older marker",
      })
  void readsOneSecretPerLine(String content, String expected) {
    String[] secrets = expected.split(", ");
    assertShared(
        shared(content.translateEscapes()),
        secrets[0],
        List.of(secrets).subList(1, secrets.length).toArray(String[]::new));
  }

  @Test
  void rejectsFileWithoutSecrets() {
    for (String content : List.of("", "\n", "  \n", "# marker\n", "\ufeff")) {
      assertFileRefused(() -> shared(content), "names a file that contains no secret.");
    }
    for (String content : List.of("", "\n", " \r\n\t\n", "\ufeff")) {
      assertFileRefused(() -> named(content), "names a file that contains no secret.");
    }
    named("# nobody");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "marker\\s | line 1 starts or ends with a blank",
        " marker | line 1 starts or ends with a blank",
        "m\u00e4rker | line 1 has a character that a gRPC header cannot carry",
        "marker\u0000 | line 1 has a character that a gRPC header cannot carry",
        "#\\nmarker\\nm\u00e4rker | line 3 has a character that a gRPC header cannot carry",
        "sha256:marker | line 1 does not have 64 hexadecimal digits after sha256:",
      },
      ignoreLeadingAndTrailingWhitespace = false)
  void reportsInvalidSecretByLineNumber(String content, String problem) {
    assertFileRefused(
        () -> shared(content.stripTrailing().translateEscapes()), "names a file whose" + problem);
  }

  @Test
  void rejectsMoreThanTwoSecretsOrLargeFile() {
    assertFileRefused(() -> shared("a\nb\nmarker"), "names a file with over 2 secrets.");
    assertFileRefused(() -> shared("m".repeat(20_000)), "names a file larger than 16 KB.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "marker\0", "/tmp/marker", "/dev/zero"})
  void rejectsUnusablePaths(String path) {
    assertFileRefused(() -> Secrets.inFile("test.file", path), "names a file that ");
    assertFileRefused(() -> Secrets.ofClientsInFile("test.file", path), "names a file that ");
    assertFileRefused(() -> Secrets.inFile("test.file", null), "is not set.");
  }

  @Test
  void parsesClientNamesAndExpiries() {
    var secrets =
        named(
            """
            # The robots
            ada marker-1

            \tMobile_App-2.0   marker-2\t2027-01-31
            bob\tmarker#3 2027-01-31T12:00:00Z \r
              # cleo marker-4
            dora marker-5 2027-01-31T12:00:00+02:00
            ada marker-6
            """
                + "e".repeat(64)
                + " SHA256:"
                + DIGEST.toUpperCase(Locale.ROOT));

    assertNamed(secrets, "marker-1", "ada", false, null);
    assertNamed(secrets, "marker-2", "Mobile_App-2.0", false, "2027-02-01T00:00:00Z");
    assertNamed(secrets, "marker#3", "bob", false, "2027-01-31T12:00:00Z");
    assertThat(secrets.contains("marker-4")).isFalse();
    assertNamed(secrets, "marker-5", "dora", false, "2027-01-31T10:00:00Z");
    assertNamed(secrets, "marker-6", "ada", true, null);
    assertNamed(secrets, "marker", "e".repeat(64), false, null);
  }

  @Test
  void parsesPermissions() {
    var secrets =
        named(
            """
            ada marker-1 2027-01-31 test.v1.Text other.Text_2/_Call other.Text_2/_Call
            bob marker-2 Text/Call
            cleo marker-3 test.v1.Text
            dora sha256:%s test.v1.Text
            ed marker/1.5 2027-01-31T12:00:00.5Z
            """
                .formatted(DIGEST));

    assertNamed(
        secrets,
        "marker-1",
        "ada",
        false,
        "2027-02-01T00:00:00Z",
        "test.v1.Text",
        "other.Text_2/_Call");
    assertNamed(secrets, "marker-2", "bob", false, null, "Text/Call");
    assertNamed(secrets, "marker", "dora", false, null, "test.v1.Text");
    assertThat(find(secrets, "marker").permitted()).isSameAs(find(secrets, "marker-3").permitted());
    assertNamed(secrets, "marker/1.5", "ed", false, "2027-01-31T12:00:00.500Z");
  }

  @Test
  void limitsPermissionsCountingEqualListsOnce() {
    String most =
        IntStream.range(0, 1_250)
            .mapToObj(
                i -> "a %dx a.B%d a.B/C D/E F/G\nb %<dy D/E a.B/C F/G a.B%<d\n".formatted(i, i))
            .collect(Collectors.joining());
    named(most);
    assertFileRefused(
        () -> named(most + "c marker a.B"),
        "names a file whose line 2501 raises the number of permissions above 5000.");
    assertFileRefused(
        () -> named("a marker a" + ".b".repeat(1_000_000 / 2) + "/"),
        "names a file whose line 1 permits a name that is neither");
  }

  @Test
  void warnsAboutUnknownPermissionsByLineNumber() {
    var secrets =
        Secrets.of("m".repeat(32))
            .and(
                named(
                    """
                    ada sha256:%064d test.Text/Cal
                    bob sha256:%064d test.Text test.Text/Call
                    # Two mistakes
                    cleo sha256:%064d test.Text tests.Text tests.Text/Call
                    dora sha256:%064d
                    """
                        .formatted(1, 2, 3, 4)));
    assertThat(lines(Level.WARN)).isEmpty();

    for (int i = 0; i < 2; i++) {
      secrets.checkPermissions(Set.of("test.Text", "test.Text/Call"));
      assertThat(lines(Level.WARN))
          .containsExactly(
              "The clients' file permits names unknown to this server (2): line 1, line 4");
    }
  }

  @Test
  @Tag("slow")
  void warnsAboutUnknownPermissionsAfterReload() {
    var secrets = named("ada sha256:" + DIGEST);
    secrets.checkPermissions(Set.of("test.Text"));
    file.write(
        "# The method that is permitted was renamed\nada sha256:" + DIGEST + " test.Text/Old");
    await(
        () ->
            assertThat(lines(Level.WARN))
                .containsExactly(
                    "The clients' file permits names unknown to this server (1): line 2"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "marker | is not a name, a secret and an optional expiry.",
        "ada marker-2 2027-01-31 2 | permits a name that is neither a service (package.Service)",
        "ada marker-2 2027-01-31 2027-01-31 | permits a name that is neither",
        "ada marker-2 tests.Text tests | permits a name that is neither",
        "ada marker-2 tests.Text. | permits a name that is neither",
        "ada marker-2 tests..Text | permits a name that is neither",
        "ada marker-2 .tests.Text | permits a name that is neither",
        "ada marker-2 tests.2Text | permits a name that is neither",
        "ada marker-2 tests-1.Text | permits a name that is neither",
        "ada marker-2 tests.Text, | permits a name that is neither",
        "ada marker-2 tests.Text/ | permits a name that is neither",
        "ada marker-2 tests.Text/* | permits a name that is neither",
        "ada marker-2 /tests.Text/Call | permits a name that is neither",
        "ada marker-2 tests.Text/a.b | permits a name that is neither",
        "ada marker-2 tests.Text/Call/ | permits a name that is neither",
        "ada marker-2 tests.T\u00e4xt | permits a name that is neither",
        "ada tests.Text marker/= | permits a name that is neither",
        "ada 2027-01-31 marker.marker | has a date where its secret belongs.",
        "ada 2027-01-31T12:00:00Z marker/marker | has a date where its secret belongs.",
        "marker/marker= ada | has an invalid name.",
        "\u00e4da marker | has an invalid name.",
        "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee marker | has an invalid",
        "ada m\u00e4rker | has a character that a gRPC header cannot carry.",
        "ada marker\u007f | has a character that a gRPC header cannot carry.",
        "ada sha256:marker | does not have 64 hexadecimal digits after sha256:.",
        "ada sha256: | does not have 64 hexadecimal digits after sha256:.",
        "bob marker | repeats a secret.",
        "ada marker | repeats a secret.",
        "bob sha256:%s | repeats a secret.",
        "ada marker-2 tomorrow | expires neither on a date (2027-01-31) nor at a time",
        "ada 2027-01-31 marker | has a date where its secret belongs.",
        "ada marker-2 2.tests.Text | expires neither on a date (2027-01-31) nor at a time",
        "ada marker-2 tests | expires neither on a date (2027-01-31) nor at a time",
        "ada marker-2 2027-02-30 | expires neither on a date (2027-01-31) nor at a time",
        "ada marker-2 2027-01-31T12:00 | expires neither on a date (2027-01-31) nor at a time",
        "ada marker-2 +999999999-12-31 | expires neither on a date (2027-01-31) nor at a time",
      })
  void reportsInvalidClientByLineNumber(String line, String problem) {
    String content = "# First\nada marker\n" + line.formatted(DIGEST);
    assertFileRefused(() -> named(content), "names a file whose line 3 " + problem);
  }

  @Test
  void limitsClientSecretsToTenThousand() {
    String most =
        IntStream.range(0, 10_000)
            .mapToObj(i -> "n" + i + " s" + i)
            .collect(Collectors.joining("\n"));
    assertThat(named(most).contains("s9999")).isTrue();
    assertFileRefused(() -> named(most + "\na marker"), "names a file with over 10000 secrets.");
  }

  @Test
  void warnsAboutShortSecretsByLineNumber() {
    var unused = Secrets.of("m".repeat(31), "m".repeat(32));
    named("a " + "m".repeat(31) + "\nb " + "m".repeat(32) + "\nc sha256:" + DIGEST + "\nd short");
    assertThat(lines(Level.WARN))
        .containsExactly(
            "Short secrets, which may be found by trying (1): a shared one. Use 32 random bytes",
            "Short secrets, which may be found by trying (2): line 1, line 4. Use 32 random bytes");
  }

  @Test
  void warnsAboutExpiredSecrets() {
    named("ada sha256:" + DIGEST + " 2020-01-31");
    assertThat(lines(Level.WARN))
        .containsExactly("Expired client secrets: ada (2020-02-01T00:00:00Z)");
  }

  @Test
  void prefersFirstOfCombinedSecrets() {
    var secrets = named("ada marker").and(Secrets.of("shared")).and(Secrets.of("marker", "last"));
    assertNamed(secrets, "marker", "ada", false, null);
    assertThat(find(secrets, "shared").client()).isNull();
    assertThat(secrets.contains("last")).isTrue();
  }

  @Test
  @Tag("slow")
  void reloadsFileAndKeepsSecretsWhileInvalid() {
    var secrets = Secrets.of("first").and(shared("marker-old"));
    file.write("marker\u00e4");
    await(() -> assertThat(lines(Level.ERROR)).hasSize(1));
    assertThat(secrets.contains("marker-old")).isTrue();

    file.write("marker-new\nmarker-old\n");
    await(() -> assertThat(secrets.contains("marker-new")).isTrue());
    assertThat(lines(Level.ERROR))
        .singleElement()
        .asString()
        .startsWith("test.file")
        .doesNotContain("marker");

    secrets.close();
    Awaitility.await()
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().equals("follow the secret file")));
  }

  private Secrets shared(String content) {
    file.write(content);
    return followed(Secrets.inFile("test.file", file.path()));
  }

  private Secrets named(String content) {
    file.write(content);
    return followed(Secrets.ofClientsInFile("test.file", file.path()));
  }

  private Secrets followed(Secrets secrets) {
    close();
    followed = secrets;
    return secrets;
  }

  private List<String> lines(Level level) {
    return log.problems().stream()
        .filter(event -> event.getLevel() == level)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  private static void await(ThrowingRunnable assertion) {
    Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(assertion);
  }

  private static Credential find(Secrets secrets, String text) {
    return Objects.requireNonNull(secrets.find(Credentials.digest(text)));
  }

  private static void assertShared(Secrets secrets, String current, String... previous) {
    assertThat(secrets.toSend()).isEqualTo(current);
    assertThat(find(secrets, current).previous()).isFalse();
    for (String text : previous) {
      assertThat(find(secrets, text).previous()).isTrue();
    }
  }

  private static void assertNamed(
      Secrets secrets,
      String secret,
      String client,
      boolean previous,
      @Nullable String until,
      String... permitted) {
    Instant end = until == null ? null : Instant.parse(until);
    var digest = Credentials.digest(secret);
    assertThat(find(secrets, secret))
        .isEqualTo(new Credential(digest, client, previous, end, Set.of(permitted)));
  }

  private static void assertFileRefused(ThrowingCallable making, String problem) {
    assertRefused(making, "test.file (environment variable TEST_FILE) " + problem);
  }

  private static void assertRefused(ThrowingCallable making, String message) {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(making)
        .withMessageStartingWith(message)
        .satisfies(e -> assertThat(e.getMessage() + e.action()).doesNotContain("rker"));
  }
}
