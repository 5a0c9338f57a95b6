package dev.greeter.cli.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.hash.Hashing;
import dev.greeter.guard.fixture.KubernetesVolume;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both programs while the secret of one of three clients is changed, and then taken away. */
class NamedSecretsIT {

  private static final String CHANGED = "The content of the clients' file has changed";
  private static final String BOB = line("bob", "marker-of-bob");
  private static final String EVE = line("eve", "marker-of-eve");

  @TempDir private Path directory;
  @TempDir private Path mount;
  private final List<Client> clients = new ArrayList<>();

  @AfterEach
  void endClients() throws Exception {
    for (Client client : clients) {
      client.end();
    }
  }

  @Test
  void changeAndEndForOneClientAndTheOthersDoNotNotice() throws Exception {
    var volume =
        new KubernetesVolume(mount, "clients", lines(line("ada", "marker-of-ada"), BOB, EVE));
    Path secretOfAda = secret("ada", "marker-of-ada");
    Map<String, String> mounted = Map.of("GREETER_AUTH_CLIENTS_FILE", volume.file().toString());
    try (RunningService service = RunningService.start(mounted)) {
      Client ada = start(service, secretOfAda, "greet", "-");
      Client chatOfAda = start(service, secretOfAda, "chat");
      List<Client> others = new ArrayList<>();
      for (String name : List.of("bob", "eve")) {
        Path secret = secret(name, "marker-of-" + name);
        others.add(start(service, secret, "greet", "-"));
        others.add(start(service, secret, "chat"));
      }
      clients.forEach(Client::awaitAnswers);

      volume.replace(lines(line("ada", "marker-of-ada-2"), line("ada", "marker-of-ada"), BOB, EVE));
      awaitChanges(service, 1);
      secret("ada", "marker-of-ada-2");
      // What is promised: a client follows its file, and does not say when it has.
      Thread.sleep(Duration.ofSeconds(10).toMillis());
      clients.forEach(Client::awaitAnswers);

      volume.replace(lines(line("ada", "marker-of-ada-2"), BOB, EVE));
      chatOfAda.awaitRefusal();
      ada.awaitAnswers();
      Client newChatOfAda = start(service, secretOfAda, "chat");
      newChatOfAda.awaitAnswers();

      volume.replace(lines(BOB, EVE));
      newChatOfAda.awaitRefusal();
      ada.awaitRefusal();

      for (Client other : others) {
        other.awaitAnswers();
        other.assertAllAnswered();
      }
      awaitChanges(service, 3);
      assertThat(service.log()).doesNotContain("marker");
    }
  }

  private void awaitChanges(RunningService service, int times) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> service.log().split(CHANGED, -1).length > times);
  }

  private Path secret(String client, String secret) throws IOException {
    Path written = Files.writeString(directory.resolve("new-secret"), secret + "\n");
    return Files.move(
        written, directory.resolve("secret-of-" + client), StandardCopyOption.ATOMIC_MOVE);
  }

  private static String lines(String... lines) {
    return String.join("\n", lines) + "\n";
  }

  private static String line(String client, String secret) {
    return client + " sha256:" + Hashing.sha256().hashString(secret, UTF_8);
  }

  private Client start(RunningService service, Path secret, String... command) throws IOException {
    int number = clients.size();
    Path out = directory.resolve("out-" + number);
    Path err = directory.resolve("err-" + number);
    Process process =
        Program.builder(
                Map.of(
                    "GREETER_SERVER", service.address(),
                    "GREETER_AUTH_VALUE_FILE", secret.toString()),
                Program.clientCommand(command))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    var client = new Client(process, out, err);
    clients.add(client);
    return client;
  }

  /** The client's program, which gets a name on standard input every few milliseconds. */
  private static final class Client {

    private static final long PAUSE_MILLIS = 20;

    private final Process process;
    private final Path out;
    private final Path err;
    private final Thread names = new Thread(this::sendNames, "names");
    private volatile boolean stopped;
    private final AtomicInteger sent = new AtomicInteger();

    Client(Process process, Path out, Path err) {
      this.process = process;
      this.out = out;
      this.err = err;
      names.start();
    }

    private void sendNames() {
      try (var input = new PrintStream(process.getOutputStream(), true, UTF_8)) {
        while (!stopped && process.isAlive()) {
          input.println("Ada");
          sent.incrementAndGet();
          Thread.sleep(PAUSE_MILLIS);
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException("Nobody interrupts this thread", e);
      }
    }

    /** Waits for answers to names that have yet to be sent. */
    void awaitAnswers() {
      int more = sent.get() + 5;
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () -> assertThat(Files.readAllLines(out)).as(this::said).hasSizeGreaterThan(more));
    }

    /** Waits until a call is refused, and for the end. */
    void awaitRefusal() throws Exception {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> said().contains("refused the secret"));
      assertThat(exitCode()).as(this::said).isEqualTo(80);
      assertThat(said()).doesNotContain("marker");
    }

    void assertAllAnswered() throws Exception {
      assertThat(exitCode()).as(this::said).isZero();
      assertThat(Files.readAllLines(out)).hasSize(sent.get());
      assertThat(said()).isEmpty();
    }

    /** Ends its input, and waits for its end. */
    private int exitCode() throws InterruptedException {
      stopped = true;
      names.join();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ends").isTrue();
      return process.exitValue();
    }

    private String said() {
      try {
        return Files.readString(err);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    void end() throws InterruptedException {
      stopped = true;
      process.destroyForcibly();
      names.join();
    }
  }
}
