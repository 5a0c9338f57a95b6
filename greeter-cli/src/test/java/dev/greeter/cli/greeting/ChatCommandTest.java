package dev.greeter.cli.greeting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.HostAndPort;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.greeter.cli.TestClient;
import dev.greeter.cli.TestClient.Result;
import dev.greeter.cli.TestServer;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code chat}: a name and its answer at a time, until the stream ends or breaks. */
@Timeout(60)
class ChatCommandTest {

  private TestServer server;

  @BeforeEach
  void startServer() throws Exception {
    server = TestServer.of(new TestServer.Welcoming());
  }

  @AfterEach
  void stopServer() {
    server.close();
  }

  @Test
  void sendsEachLineAtOnceAndShowsItsAnswerBeforeTheNext() throws Exception {
    var keyboard = new PipedOutputStream();
    TestClient client = TestClient.of(server.address()).reading(new PipedInputStream(keyboard));
    var run = CompletableFuture.supplyAsync(() -> client.run("chat"));

    for (String name : List.of("Ada", "Bob")) {
      say(name, keyboard);
      awaitEnd("Welcome, " + name + "!\n", client);
    }
    keyboard.close();
    assertThat(run.join()).isEqualTo(new Result(0, "Welcome, Ada!\nWelcome, Bob!\n", ""));
    assertThat(server.headers()).as("calls").hasSize(1);
  }

  @Test
  void tellsWhatHasNoAnswerWhenTheServiceEndsTheStream() {
    Result result = TestClient.of(server.address()).run("chat", "Ada", "RESOURCE_EXHAUSTED", "Bob");

    assertThat(result.out()).isEqualTo("Welcome, Ada!\n");
    assertThat(result.err())
        .contains(
            "RESOURCE_EXHAUSTED: enough", "\nWithout an answer: 'RESOURCE_EXHAUSTED', 'Bob'\n")
        .hasLineCount(3);
    assertThat(result.exitCode()).isEqualTo(64 + 8);
  }

  @Test
  void tellsThatTheServiceAndNotTheUserBrokeItOff() {
    Result result = TestClient.of(server.address()).run("chat", "CANCELLED");

    assertThat(result.err())
        .startsWith("The service at " + server.address() + " ended the call: enough\n")
        .endsWith("\nWithout an answer: 'CANCELLED'\n")
        .hasLineCount(3);
    assertThat(result.exitCode()).isEqualTo(64 + 1);
  }

  @Test
  void goesOnInAnotherConversationIfTheServerIsLostAndTellsWhatHasNoAnswer() {
    Result result =
        TestClient.of(server.address())
            .run("chat", "Ada", "UNAVAILABLE", "Bob", "ABORTED", "CANCELLED");

    assertThat(result.out()).isEqualTo("Welcome, Ada!\nWelcome, Bob!\n");
    assertThat(result.err())
        .startsWith("The service at " + server.address() + " accepts no calls now: enough\n")
        .contains("\nWithout an answer: 'UNAVAILABLE'\n", "\nWithout an answer: 'ABORTED'\n")
        .endsWith("\nWithout an answer: 'CANCELLED'\n")
        .hasLineCount(9);
    assertThat(result.exitCode()).isEqualTo(64 + 1);
    assertThat(server.headers()).as("calls").hasSize(3);
  }

  @Test
  void endsWithTheCodeOfWhatHasNoAnswer() {
    Result result = TestClient.of(server.address()).run("chat", "Ada", "UNAVAILABLE", "Bob");

    assertThat(result.out()).isEqualTo("Welcome, Ada!\nWelcome, Bob!\n");
    assertThat(result.exitCode()).isEqualTo(78);
  }

  @Test
  void losesNothingIfTheServerIsLostWhileTheUserThinks() throws Exception {
    var keyboard = new PipedOutputStream();
    TestClient client = TestClient.of(server.address()).reading(new PipedInputStream(keyboard));
    var run = CompletableFuture.supplyAsync(() -> client.run("chat", "--timeout", "30s"));
    say("Ada", keyboard);
    awaitEnd("Welcome, Ada!\n", client);

    server.close();
    // Until the client has seen it.
    Thread.sleep(500);
    say("Bob", keyboard);
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> assertThat(client.err()).endsWith("lost: 'Bob' goes to the next server.\n"));
    int port = HostAndPort.fromString(server.address()).getPort();
    try (TestServer next = TestServer.at(port, new TestServer.Welcoming())) {
      awaitEnd("Welcome, Bob!\n", client);
      assertThat(next.headers()).as("calls").hasSize(1);
    }
    Thread.sleep(500);
    keyboard.close();
    assertThat(run.join().exitCode()).as("all was answered").isZero();
    assertThat(client.err()).hasLineCount(3);
  }

  @Test
  void givesUpIfThereIsNoOtherServer() throws Exception {
    var keyboard = new PipedOutputStream();
    TestClient client = TestClient.of(server.address()).reading(new PipedInputStream(keyboard));
    var run = CompletableFuture.supplyAsync(() -> client.run("chat", "--timeout", "2s"));
    say("Ada", keyboard);
    awaitEnd("Welcome, Ada!\n", client);

    server.close();
    say("Bob", keyboard);
    say("Eve", keyboard);
    assertThat(run.join().exitCode()).isEqualTo(68);
    assertThat(client.err()).contains("within 2 s").contains("Without an answer: '");
  }

  @Test
  void printsJson() {
    Result result =
        TestClient.of(server.address()).run("chat", "Ada", "NOT_FOUND", "--output=json");

    assertThat(result.out()).isEqualTo("{\"name\":\"Ada\",\"greeting\":\"Welcome, Ada!\"}\n");
    JsonObject failure = JsonParser.parseString(result.err()).getAsJsonObject();
    assertThat(failure.get("code").getAsString()).isEqualTo("NOT_FOUND");
    assertThat(failure.get("message").getAsString()).endsWith("Without an answer: 'NOT_FOUND'");
  }

  @Test
  void takesNoBlankLineForAName() {
    Result result = TestClient.of(server.address()).reading("Ada\n\n  \nBob\n").run("chat");

    assertThat(result.out()).isEqualTo("Welcome, Ada!\nWelcome, Bob!\n");
    assertThat(result.exitCode()).isZero();
  }

  private static void say(String name, PipedOutputStream keyboard) throws Exception {
    keyboard.write((name + "\n").getBytes(UTF_8));
    keyboard.flush();
  }

  private static void awaitEnd(String end, TestClient client) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(client.out()).endsWith(end));
  }
}
