package dev.greeter.cli.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.TestClient;
import dev.greeter.cli.TestClient.Result;
import dev.greeter.cli.TestServer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands that are run before there is a service. */
@Timeout(60)
class WaitTest {

  @ParameterizedTest
  @ValueSource(strings = {"greet Ada", "greet Ada Bob", "chat Ada", "status"})
  void succeedIfTheyWaitUntilItIsThere(String command) throws Exception {
    CompletableFuture<Result> run;
    int port;
    try (var nothing = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      port = nothing.getLocalPort();
      run = run(port, command + " --wait --timeout 30s");
      nothing.accept().close();
    }
    try (TestServer server = TestServer.at(port, new TestServer.Welcoming())) {
      Result result = run.join();

      assertThat(result.err()).isEmpty();
      assertThat(result.exitCode()).isZero();
      assertThat(server.headers()).isNotEmpty();
    }
  }

  @Test
  void failOnceTheTimeoutIsOver() {
    Result result = run(1, "greet Ada --wait --timeout 500ms").join();

    assertThat(result.err())
        .contains("No service answered at", "within 500 ms: ", "Connection refused")
        .hasLineCount(2);
    assertThat(result.exitCode()).isEqualTo(68);
  }

  @Test
  void tellWhatTlsSaidOnceTheTimeoutIsOver() throws Exception {
    try (TestServer server = TestServer.of(new TestServer.Greeter())) {
      Result result =
          TestClient.of(server.address(), "grpc.client.GLOBAL.negotiation-type=tls")
              .run("greet", "Ada", "--wait", "--timeout", "500ms");

      assertThat(result.err()).contains("within 500 ms: not an SSL/TLS record");
    }
  }

  @Test
  void sayOfAConversationThatNoServiceAnswered() {
    Result result = run(1, "chat Ada --wait --timeout 500ms").join();

    assertThat(result.err()).startsWith("No service answered at 127.0.0.1:1 within 500 ms.\n");
    assertThat(result.exitCode()).isEqualTo(68);
  }

  @ParameterizedTest
  @ValueSource(strings = {"greet Ada", "chat Ada"})
  void failWithoutWaitingIfTheyAreNotToldTo(String command) {
    Result result = run(1, command + " --timeout 50s").join();

    assertThat(result.err()).contains("No service answers", "Connection refused");
    assertThat(result.exitCode()).isEqualTo(78);
  }

  private static CompletableFuture<Result> run(int port, String line) {
    return CompletableFuture.supplyAsync(
        () -> TestClient.of("127.0.0.1:" + port).run(line.split(" ")));
  }
}
