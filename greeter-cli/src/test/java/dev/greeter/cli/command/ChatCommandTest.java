package dev.greeter.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.TestClient;
import dev.greeter.cli.TestClient.Result;
import dev.greeter.cli.TestServer;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code chat}: one name and answer at a time, even if the server is lost. */
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
  void printsEachAnswerBeforeReadingNextName() throws Exception {
    TestClient client = client().start("chat");

    for (String name : List.of("Ada", "Bob")) {
      client.send(name);
      client.await("Welcome, " + name + "!\n");
    }
    assertThat(client.end()).isEqualTo(new Result(0, "Welcome, Ada!\nWelcome, Bob!\n", ""));
    assertThat(server.calls()).isEqualTo(1);
  }

  @Test
  void continuesOnAnotherServerAfterDisconnect() throws Exception {
    String notice =
        "The service at %s ended the conversation. The next name starts another one.\n"
            .formatted(server.address());
    TestClient client = client().start("chat", "--timeout", "30s");
    client.send("Ada");
    client.await("Welcome, Ada!\n");

    server.close();
    client.await(notice);
    client.send("Bob");
    try (TestServer next = TestServer.at(server.port(), new TestServer.Welcoming())) {
      client.await("Welcome, Bob!\n");
      assertThat(client.end()).isEqualTo(new Result(0, "Welcome, Ada!\nWelcome, Bob!\n", notice));
      assertThat(next.messages()).isEqualTo(1);
    }
  }

  @Test
  void timesOutWithoutAnotherServer() throws Exception {
    TestClient client = client().start("chat", "--timeout", "1s");
    client.send("Ada");
    client.await("Welcome, Ada!\n");

    server.close();
    client.await("ended the conversation"); // Until then it may still answer.
    client.send("Bob");
    Result result = client.end();
    assertThat(result.err()).contains("within 1s").endsWith(" No answer: 'Bob'.\n");
    assertThat(result.exitCode()).isEqualTo(68);
  }

  @Test
  void continuesAfterFailureWhenInteractive() {
    Result result = client().typing("NOT_FOUND\nBob\n\nexit\n").run("chat", "--output=json");

    assertThat(result.out()).isEqualTo("{\"name\":\"Bob\",\"greeting\":\"Welcome, Bob!\"}\n");
    assertThat(result.err())
        .startsWith(
            "{\"note\":\"Type a name. An empty line or Ctrl-D ends the chat.\"}\n{\"code\":")
        .hasLineCount(2);
    assertThat(result.exitCode()).isEqualTo(69);
  }

  @Test
  void makesNoCallToEndAfterFailure() {
    Result result = client().typing("NOT_FOUND\n\nexit\n").run("chat");

    assertThat(result.exitCode()).isEqualTo(69);
    assertThat(server.calls()).isEqualTo(1);
  }

  @Test
  void endsWhenCancelled() throws Exception {
    TestClient client = client().typing("SILENT\nBob\n").start("chat", "--timeout", "50s");
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> server.messages() == 1);
    client.cancel();

    assertThat(client.end().err())
        .endsWith(
            "The call to %s was cancelled. No answer: 'SILENT'.\n".formatted(server.address()))
        .hasLineCount(2);
  }

  private TestClient client() {
    return TestClient.of(server.address());
  }
}
