package dev.greeter.cli.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.hash.Hashing;
import dev.greeter.guard.fixture.KubernetesVolume;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both programs while the secret of one of two clients is rotated and then removed. */
class NamedSecretsIT {

  private static final String ADA = line("ada", "marker-of-ada");
  private static final String ADA_NEW = line("ada", "marker-of-ada-2");
  private static final String BOB = line("bob", "marker-of-bob");

  @TempDir private Path directory;
  @TempDir private Path mount;

  @Test
  void rotatesAndRevokesSecretWithoutAffectingOtherClient() throws Exception {
    var volume = new KubernetesVolume(mount, "clients", ADA + BOB);
    secret("ada", "marker-of-ada");
    secret("bob", "marker-of-bob");
    Map<String, String> mounted = Map.of("GREETER_AUTH_CLIENTS_FILE", volume.file().toString());
    try (RunningService service = new RunningService(mounted)) {
      Client ada = start(service, "ada", "greet - --keep-going");
      Client chatOfAda = start(service, "ada", "chat");
      Client bob = start(service, "bob", "greet -");
      Client chatOfBob = start(service, "bob", "chat");
      List<Client> all = List.of(ada, chatOfAda, bob, chatOfBob);
      all.forEach(Client::awaitAnswers);

      volume.replace(ADA_NEW + ADA + BOB);
      awaitChange(service);
      all.forEach(Client::awaitAnswers);

      volume.replace(ADA_NEW + BOB);
      chatOfAda.assertRefusedInTheEnd();
      ada.awaitRefusalAfter("");
      secret("ada", "marker-of-ada-2");
      ada.awaitAnswers();

      String earlier = ada.said();
      volume.replace(BOB);
      ada.awaitRefusalAfter(earlier);
      ada.assertRefusedInTheEnd();
      bob.assertAllAnswered();
      chatOfBob.assertAllAnswered();
      assertThat(service.log()).doesNotContain("marker");
    }
  }

  private static void awaitChange(RunningService service) {
    await(() -> assertThat(service.log()).contains("content of the clients' file has changed"));
  }

  private static void await(ThrowingRunnable assertion) {
    Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(assertion);
  }

  private void secret(String client, String secret) throws IOException {
    Path written = Files.writeString(directory.resolve("new-secret"), secret + "\n");
    Files.move(written, directory.resolve(client), StandardCopyOption.ATOMIC_MOVE);
  }

  private static String line(String client, String secret) {
    return client + " sha256:" + Hashing.sha256().hashString(secret, UTF_8) + "\n";
  }

  /** Starts the client with numbers on standard input until its own file is deleted. */
  private Client start(RunningService service, String name, String command) throws IOException {
    Path input = Files.createTempFile(directory, name, ".input");
    Path out = Files.createTempFile(directory, name, ".out");
    Path err = Files.createTempFile(directory, name, ".err");
    String script =
        "i=0; while [ -e %s ]; do echo $((i += 1)); sleep 0.1; done | %s %s"
            .formatted(input, Program.LAUNCHER, command);
    Map<String, String> environment =
        Map.of(
            "GREETER_SERVER", service.address(),
            "GREETER_AUTH_VALUE_FILE", directory.resolve(name).toString());
    Process process =
        Program.builder(environment, List.of("sh", "-c", script))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    return new Client(process, input, out, err);
  }

  private record Client(Process process, Path input, Path out, Path err) {

    void awaitAnswers() {
      long more = answers().lines().count() + 5;
      await(() -> assertThat(answers().lines()).as(this::said).hasSizeGreaterThan((int) more));
    }

    /** Waits until another call is refused. */
    void awaitRefusalAfter(String earlier) {
      await(() -> assertThat(said().substring(earlier.length())).contains("refused the secret"));
    }

    void assertAllAnswered() throws Exception {
      awaitAnswers();
      assertThat(exitCode()).as(this::said).isZero();
      long last = answers().lines().count();
      assertThat(answers().replaceAll("[^0-9\n]", "").lines())
          .containsExactlyElementsOf(
              IntStream.rangeClosed(1, (int) last).mapToObj(Integer::toString).toList());
      assertThat(said()).isEmpty();
    }

    void assertRefusedInTheEnd() throws Exception {
      awaitRefusalAfter("");
      assertThat(exitCode()).as(this::said).isEqualTo(80);
      assertThat(said()).doesNotContain("marker");
    }

    private int exitCode() throws Exception {
      Files.deleteIfExists(input);
      return Program.exitCode(process);
    }

    private String answers() {
      return read(out);
    }

    private String said() {
      return read(err);
    }

    private static String read(Path file) {
      try {
        return Files.readString(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
