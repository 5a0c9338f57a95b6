package dev.greeter.guard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.greeter.guard.file.BoundedFile;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.setting.InvalidSettingException;
import java.time.Instant;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the lines of a file of clients mean, and what is said of those that mean nothing. */
class ClientsFileTest {

  private static final BoundedFile FILE = new BoundedFile("greeter.auth.clients-file", "", 1, "");

  @RegisterExtension private final LogCapture log = new LogCapture();

  @Test
  void areNameAndSecretAndMaybeAnEnd() {
    var credentials =
        parse(
            """
            # The robots
            ada marker-1

            \tMobile_App-2.0   marker-2\t2027-01-31
            bob\tmarker#3 2027-01-31T12:00:00Z \r
              # cleo marker-4
            dora marker-5 2027-01-31T12:00:00+02:00""");

    assertThat(credentials.all()).hasSize(4);
    assertHas(credentials, "marker-1", "ada", null);
    assertHas(credentials, "marker-2", "Mobile_App-2.0", "2027-02-01T00:00:00Z");
    assertHas(credentials, "marker#3", "bob", "2027-01-31T12:00:00Z");
    assertHas(credentials, "marker-5", "dora", "2027-01-31T10:00:00Z");
  }

  @Test
  void mayHaveADigestInPlaceOfASecret() {
    String digest = Credentials.digest("marker").toString();
    assertHas(parse("ada sha256:" + digest), "marker", "ada", null);
    assertHas(parse("ada SHA256:" + digest.toUpperCase(Locale.ROOT)), "marker", "ada", null);
  }

  @Test
  void areTheCurrentSecretOfAClientFirst() {
    var credentials = parse("ada marker-1\nbob marker-2\nada marker-3\nada marker-4");

    assertThat(credentials.all())
        .filteredOn(Credential::previous)
        .containsExactlyInAnyOrder(
            credentials.get(Credentials.digest("marker-3")),
            credentials.get(Credentials.digest("marker-4")));
  }

  @Test
  void mayBeCommentsOnly() {
    assertThat(parse("# nobody").all()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", " \r\n\t\n"})
  void areRefusedIfThereIsNothingAtAll(String content) {
    assertRefused(content, "names a file that is empty.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "marker | is not a name, a secret and, if it ends, when",
        "ada marker 2027-01-31 2 | is not a name, a secret and, if it ends, when",
        "marker/marker= ada | has a name that cannot be used",
        "\u00e4da marker | has a name that cannot be used",
        "ada m\u00e4rker | has a character that a gRPC header cannot carry",
        "ada marker\u007f | has a character that a gRPC header cannot carry",
        "ada sha256:marker | has no 64 hexadecimal digits behind sha256:",
        "ada sha256: | has no 64 hexadecimal digits behind sha256:",
        "bob marker-1 | repeats a secret",
        "ada marker-1 | repeats a secret",
        "ada marker tomorrow | ends neither on a date, as 2027-01-31, nor at a time",
        "ada 2027-01-31 marker | ends neither on a date, as 2027-01-31, nor at a time",
        "ada marker 2027-02-30 | ends neither on a date, as 2027-01-31, nor at a time",
        "ada marker 2027-01-31T12:00 | ends neither on a date, as 2027-01-31, nor at a time",
        "ada marker +999999999-12-31 | ends neither on a date, as 2027-01-31, nor at a time",
      })
  void areRefusedByTheirNumberIfTheyCannotBeUsed(String line, String problem) {
    assertRefused("# First\nada marker-1\n" + line, "names a file whose line 3 " + problem);
  }

  @Test
  void areRefusedIfANameIsTooLong() {
    assertThat(parse("a".repeat(64) + " marker").all()).hasSize(1);
    assertRefused(
        "a".repeat(65) + " marker", "names a file whose line 1 has a name that cannot be used.");
  }

  @Test
  void areRefusedIfASecretStandsThereAsItsDigestToo() {
    assertRefused(
        "ada marker\nbob sha256:" + Credentials.digest("marker"),
        "names a file whose line 2 repeats a secret.");
  }

  @Test
  void areTenThousandAtMost() {
    String most =
        IntStream.range(0, 10_000)
            .mapToObj(i -> "n" + i + " s" + i)
            .collect(Collectors.joining("\n"));
    assertThat(parse(most).all()).hasSize(10_000);
    assertRefused(
        most + "\nada marker",
        "names a file whose line 10001 is one secret more than the 10000 that there may be.");
  }

  @Test
  void areNamedInTheLogByTheirNumberIfASecretCanBeFoundByTrying() {
    parse(
        "ada "
            + "m".repeat(31)
            + "\nbob "
            + "m".repeat(32)
            + "\ncleo sha256:"
            + "0".repeat(64)
            + "\ndora marker");

    assertThat(log.problems())
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "Secrets that are short, and may be found by trying: line 1, line 4. Use 32 random"
                + " bytes");
  }

  private static Credentials parse(String content) {
    return ClientsFile.parse(FILE, content.getBytes(UTF_8));
  }

  private static void assertHas(
      Credentials credentials, String secret, String client, @Nullable String until) {
    assertThat(credentials.get(Credentials.digest(secret)))
        .returns(client, Credential::client)
        .returns(until == null ? null : Instant.parse(until), Credential::until);
  }

  private static void assertRefused(String content, String problem) {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> parse(content))
        .withMessageStartingWith(
            "greeter.auth.clients-file (environment variable GREETER_AUTH_CLIENTS_FILE) " + problem)
        .satisfies(e -> assertThat(e.getMessage() + e.action()).doesNotContain("rker"));
  }
}
