package dev.greeter.guard;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Any content of a secret file is either refused without being shown, or accepted. */
class SecretFileFuzzTest {

  private static final BoundedFile CLIENTS =
      new BoundedFile("greeter.auth.clients-file", "clients", 1, "a file");

  private final Path file = Files.createTempFile("secrets", ".txt");

  SecretFileFuzzTest() throws Exception {
    file.toFile().deleteOnExit();
  }

  @Property(runs = 1000)
  void acceptsOnlyNonCommentLinesAsSecrets(Input input) throws Exception {
    byte[] content = Input.utf8(input.rest("s3cret", "\n", "previous", "#", "sha256:"));
    Files.write(file, content);

    Input.read(() -> Secrets.inFile("greeter.auth.value-file", file.toString()))
        .ifPresent(
            secrets -> {
              try (secrets) {
                // A byte order mark is not part of the first secret.
                List<String> lines =
                    new String(content, UTF_8).replaceFirst("^\ufeff", "").lines().toList();
                assertThat(lines)
                    .filteredOn(line -> !line.isBlank() && !line.strip().startsWith("#"))
                    .hasSizeBetween(1, 2)
                    .allMatch(secrets::contains);
                assertThat(lines).contains(secrets.toSend());
              }
            });
  }

  @Property
  void parsesOrRejectsArbitraryClientLines(Input input) {
    String digest = "4bf92f3577b34da6a3ce929d0e0e47364bf92f3577b34da6a3ce929d0e0e4736";
    byte[] content =
        Input.utf8(
            input.rest(
                "ada",
                " ",
                "\n",
                "#",
                "s3cret",
                "sha256:",
                digest,
                "2027-01-31",
                "T12:00:00Z",
                "test.Text",
                "/Call",
                ".",
                "+999999999-12-31",
                "-999999999-01-01",
                "+18:00",
                "-18:00"));

    Input.read(() -> Credentials.parse(CLIENTS, content, true))
        .ifPresent(
            read ->
                assertThat(read.byDigest().values())
                    .allSatisfy(
                        credential -> {
                          assertThat(credential.client()).matches("[A-Za-z0-9._-]{1,64}");
                          assertThat(credential.permitted())
                              .allMatch(name -> name.matches("[A-Za-z_][\\w./]*[./]\\w+"));
                          assertThat(read.byDigest().get(credential.digest()))
                              .isEqualTo(credential);
                        }));
  }

  @Property(runs = 1000)
  void readsBackWrittenClients(Input input) {
    Map<String, Credential> written = new LinkedHashMap<>();
    var content = new StringBuilder("# clients\n");
    while (input.hasMore()) {
      String secret = secret(input).replace(' ', '_') + written.size();
      String client = "client." + input.below(4);
      Instant end = input.below(2) == 0 ? null : Instant.ofEpochSecond(input.number() >> 29);
      Set<String> permitted =
          List.of(Set.<String>of(), Set.of("a.B"), Set.of("a.B/C", "D/e")).get(input.below(3));
      boolean previous =
          written.values().stream().anyMatch(credential -> client.equals(credential.client()));
      var digest = Credentials.digest(secret);
      String shown = input.below(2) == 0 ? "sha256:" + digest : "!" + secret;
      var counts = shown.startsWith("!") ? Credentials.digest(shown) : digest;
      written.put(secret, new Credential(counts, client, previous, end, permitted));
      content.append(client).append(input.pick(" ", "\t ")).append(shown);
      content.append(end == null ? "" : " " + end);
      permitted.forEach(name -> content.append(' ').append(name));
      content.append(input.pick("\n", "\r\n", "\n\n"));
    }

    var read = Credentials.parse(CLIENTS, content.toString().getBytes(ISO_8859_1), true);
    assertThat(read.byDigest().values()).containsExactlyInAnyOrderElementsOf(written.values());
  }

  /** Printable ASCII without a blank at either end. */
  private static String secret(Input input) {
    String middle =
        input
            .text()
            .chars()
            .map(c -> ' ' + c % 95)
            .mapToObj(Character::toString)
            .collect(Collectors.joining());
    return "<" + middle + ">";
  }
}
