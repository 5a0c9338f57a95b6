package dev.greeter.cli.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import dev.greeter.cli.TestClient;
import dev.greeter.cli.TestClient.Result;
import dev.greeter.cli.TestServer;
import dev.greeter.guard.fixture.FreePort;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Channels with failing, unhealthy or missing servers, and with proxies. */
@Timeout(60)
class ChannelsTest {

  private static final String HEALTH_AWARE =
      "{\"loadBalancingConfig\": [{\"round_robin\": {}}],"
          + " \"healthCheckConfig\": {\"serviceName\": \"\"}}";

  private static final String QUICK_RETRIES =
      "{\"methodConfig\": [{\"name\": [{\"service\": \"tutorial.Greeter\"}], \"retryPolicy\":"
          + " {\"maxAttempts\": 5, \"initialBackoff\": \"0.1s\", \"maxBackoff\": \"0.1s\","
          + " \"backoffMultiplier\": 1, \"retryableStatusCodes\": [\"UNAVAILABLE\"]}}]}";

  @ParameterizedTest
  @CsvSource({
    "UNAVAILABLE, 3, , 4, 0",
    "UNKNOWN, 3, , 4, 0",
    "UNAVAILABLE, 4, , 4, 78",
    "UNAUTHENTICATED, 1, , 1, 80",
    "RESOURCE_EXHAUSTED, 1, , 1, 72",
    "RESOURCE_EXHAUSTED, 1, -1, 1, 72",
    "RESOURCE_EXHAUSTED, 2, 1, 3, 0",
  })
  void retriesOnlyRetryableStatuses(
      Status.Code code, int failures, @Nullable String pushback, int attempts, int exitCode)
      throws Exception {
    var failing = new Failing(code.toStatus(), failures, pushback);
    try (TestServer server = TestServer.of(failing)) {
      Result result = TestClient.of(server.address()).run("greet", "Ada");

      assertThat(failing.attempts).hasValue(attempts);
      assertThat(result.exitCode()).isEqualTo(exitCode);
      assertThat(result.out()).isEqualTo(exitCode == 0 ? "Hello Ada!\n" : "");
    }
  }

  @Test
  void skipsUnhealthyServers() throws Exception {
    var health = new HealthStatusManager();
    try (TestServer server = TestServer.of(health.getHealthService(), new TestServer.Welcoming())) {
      assertThat(run(server, "greet Ada Bob\n"))
          .isEqualTo(new Result(0, "Hello Ada!\nHello Bob!\n", ""));

      health.setStatus("", ServingStatus.NOT_SERVING);
      Result refused = run(server, "greet Ada\nchat Ada\n");
      assertThat(refused.err())
          .contains("line 1: The service at ", "is not accepting calls: ", "NOT_SERVING")
          .contains("line 2: ")
          .hasLineCount(2);
      assertThat(refused.exitCode()).isEqualTo(78);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"greet Ada", "greet Ada Bob", "chat Ada", "status"})
  void waitsForUnavailableServer(String command) throws Exception {
    int port = FreePort.find();
    TestClient client = TestClient.of("127.0.0.1:" + port);
    try (var nothing = new ServerSocket(port, 5, InetAddress.getLoopbackAddress())) {
      client.start((command + " --wait --timeout 30s").split(" "));
      nothing.accept().close();
    }
    try (TestServer server = TestServer.at(port, new TestServer.Welcoming())) {
      Result result = client.end();

      assertThat(result.err()).isEmpty();
      assertThat(result.exitCode()).isZero();
      assertThat(server.calls()).isPositive();
    }
  }

  @Test
  void reconnectsImmediatelyOnceServerIsUp() throws Exception {
    int port = FreePort.find();
    TestClient client =
        TestClient.of("127.0.0.1:" + port).variable("GREETER_SERVICE_CONFIG", QUICK_RETRIES);
    client.start("--keep-going").send("greet Ada");
    client.await("line 1: Cannot connect to");

    try (TestServer server = TestServer.at(port, new TestServer.Greeter())) {
      client.send("greet Bob");
      assertThat(client.end().out()).isEqualTo("Hello Bob!\n");
      assertThat(server.calls()).isEqualTo(1);
    }
  }

  private static Result run(TestServer server, String lines) {
    return TestClient.of(server.address())
        .variable("GREETER_SERVICE_CONFIG", HEALTH_AWARE)
        .reading(lines)
        .run("--keep-going");
  }

  @Test
  void bypassesProxyForPlaintextConnections() throws Exception {
    ProxySelector usual = ProxySelector.getDefault();
    try (var proxy = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        TestServer server = TestServer.of(new TestServer.Welcoming())) {
      ProxySelector.setDefault(ProxySelector.of((InetSocketAddress) proxy.getLocalSocketAddress()));
      TestClient client = TestClient.of(server.address());

      assertThat(client.reading("greet Ada\nchat Ada\nstatus\n").run().exitCode()).isZero();
      // A connection would already be waiting.
      proxy.setSoTimeout(1);
      assertThatThrownBy(proxy::accept).isInstanceOf(SocketTimeoutException.class);
    } finally {
      ProxySelector.setDefault(usual);
    }
  }

  /** Fails a number of calls before it answers. */
  private static final class Failing extends TestServer.Greeter {
    private static final Metadata.Key<String> PUSHBACK =
        Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

    private final AtomicInteger attempts = new AtomicInteger();
    private final Status failure;
    private final int failures;
    private final @Nullable String pushback;

    private Failing(Status failure, int failures, @Nullable String pushback) {
      this.failure = failure;
      this.failures = failures;
      this.pushback = pushback;
    }

    @Override
    public void greet(GreetingRequest request, StreamObserver<GreetingResponse> answers) {
      if (attempts.incrementAndGet() > failures) {
        super.greet(request, answers);
        return;
      }
      var trailers = new Metadata();
      if (pushback != null) {
        trailers.put(PUSHBACK, pushback);
      }
      answers.onError(failure.asException(trailers));
    }
  }
}
