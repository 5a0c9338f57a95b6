package dev.greeter.cli.call;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.cli.TestClient;
import dev.greeter.cli.TestClient.Result;
import dev.greeter.cli.TestServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A proxy that the JVM has for every address, loopback included. */
@Timeout(60)
class ProxyTest {

  private final ProxySelector usual = ProxySelector.getDefault();
  private ServerSocket proxy;

  @BeforeEach
  void listen() throws IOException {
    proxy = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    proxy.setSoTimeout(30_000);
    ProxySelector.setDefault(ProxySelector.of((InetSocketAddress) proxy.getLocalSocketAddress()));
  }

  @AfterEach
  void close() throws IOException {
    ProxySelector.setDefault(usual);
    proxy.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"greet Ada", "greet Ada Bob", "chat Ada", "status"})
  void seesNothingOfAChannelWithoutTls(String command) throws Exception {
    try (TestServer server = TestServer.of(new TestServer.Welcoming())) {
      Result result = TestClient.of(server.address()).run(command.split(" "));

      assertThat(result.err()).isEmpty();
      assertThat(result.exitCode()).isZero();
    }
    // A connection would be waiting to be accepted.
    proxy.setSoTimeout(1);
    assertThatThrownBy(proxy::accept).isInstanceOf(SocketTimeoutException.class);
  }

  @Test
  void passesOnAChannelWithTls() throws Exception {
    TestClient client = TestClient.of("127.0.0.1:1", "grpc.client.GLOBAL.negotiation-type=tls");
    var run = CompletableFuture.supplyAsync(() -> client.run("greet", "Ada"));

    try (Socket connection = proxy.accept();
        var lines =
            new BufferedReader(new InputStreamReader(connection.getInputStream(), US_ASCII))) {
      assertThat(lines.readLine()).isEqualTo("CONNECT 127.0.0.1:1 HTTP/1.1");
    }
    proxy.close();
    assertThat(run.join().exitCode()).isEqualTo(78);
  }
}
