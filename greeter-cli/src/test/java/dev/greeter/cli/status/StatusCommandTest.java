package dev.greeter.cli.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpServer;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import dev.greeter.cli.TestClient;
import dev.greeter.cli.TestClient.Result;
import dev.greeter.cli.TestServer;
import dev.greeter.guard.fixture.Certificates;
import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import io.grpc.Metadata;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code status} finds out about servers of all kinds, and its exit code. */
class StatusCommandTest {

  private static final String TLS = "grpc.client.GLOBAL.negotiation-type=tls";

  @Test
  void succeedsIfGreetingsWork() throws Exception {
    try (TestServer server = TestServer.of(health(), new TestServer.Greeter())) {
      Result result = status(server.address());

      assertThat(result.out().lines())
          .satisfiesExactly(
              line -> assertThat(line).isEqualTo("server      " + server.address()),
              line -> assertThat(line).isEqualTo("security    plaintext"),
              line -> assertThat(line).isEqualTo("health      SERVING"),
              line -> assertThat(line).isEqualTo("address     " + server.address()),
              line -> assertThat(line).isEqualTo("secret      accepted"),
              line -> assertThat(line).matches("round trip  [0-9]+\\.[0-9]+ ms"));
      assertThat(result.err()).isEmpty();
      assertThat(result.exitCode()).isZero();
    }
  }

  @Test
  void succeedsWithoutAHealthService() throws Exception {
    try (TestServer server = TestServer.of(new TestServer.Greeter())) {
      Result result = status(server.address());

      assertThat(result.out()).contains("health      not told\n", "secret      accepted\n");
      assertThat(result.exitCode()).isZero();
    }
  }

  @Test
  void tellsAsWhomTheServiceKnowsIt() throws Exception {
    try (TestServer server = TestServer.of(health(), new Knowing("batch-2.Ada_"))) {
      assertThat(status(server.address()).out())
          .contains("secret      accepted\nclient      batch-2.Ada_\nround trip");
      String json = status(server.address(), "--output", "json").out();
      assertThat(JsonParser.parseString(json).getAsJsonObject().get("client").getAsString())
          .isEqualTo("batch-2.Ada_");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "ada\u001b[2J", "ada\nsecret", "a/b"})
  void tellsNothingThatIsNoName(String name) throws Exception {
    try (TestServer server = TestServer.of(health(), new Knowing(name))) {
      Result result = status(server.address());
      assertThat(result.out())
          .contains("secret      accepted\nround trip")
          .doesNotContain("client");
      assertThat(result.exitCode()).isZero();
    }
  }

  @Test
  void tellsNoNameOfAnyLength() throws Exception {
    try (TestServer server = TestServer.of(health(), new Knowing("a".repeat(65)))) {
      assertThat(status(server.address()).out()).doesNotContain("client");
    }
  }

  @Test
  void tellsARefusedSecret() throws Exception {
    try (TestServer server = TestServer.of(health(), new Refusing(Status.UNAUTHENTICATED))) {
      Result result = status(server.address());

      assertThat(result.out()).contains("health      SERVING\n", "secret      refused\n");
      assertFailure(result, 80, "refused the secret", "GREETER_AUTH_VALUE");
    }
  }

  @Test
  void tellsThatNothingListens() {
    Result result = status("127.0.0.1:1");

    assertThat(result.out())
        .isEqualTo("server      127.0.0.1:1\nsecurity    plaintext\nhealth      unknown\n");
    assertFailure(result, 78, "Connection refused", "Start it");
  }

  @Test
  void tellsThatAServerHasNoGreeter() throws Exception {
    try (TestServer server = TestServer.of(health())) {
      assertFailure(status(server.address()), 76, "no service tutorial.Greeter", "Check the port");
    }
  }

  @Test
  void tellsThatAServiceTakesNoCallsThoughItGreets() throws Exception {
    var health = new HealthStatusManager();
    health.setStatus("", ServingStatus.NOT_SERVING);
    try (TestServer server = TestServer.of(health.getHealthService(), new TestServer.Greeter())) {
      Result result = status(server.address());

      assertThat(result.out()).contains("health      NOT_SERVING\n");
      assertFailure(result, 78, "takes no calls (NOT_SERVING)", "wait for its successor");
    }
  }

  @Test
  void tellsThatAnotherFailureHasAReasonInTheLog() throws Exception {
    try (TestServer server = TestServer.of(health(), new Refusing(Status.INTERNAL))) {
      Result result = status(server.address());

      assertThat(result.out()).contains("secret      unknown\n");
      assertFailure(result, 77, "INTERNAL", "log");
    }
  }

  @Test
  void tellsAnHttpServer() throws Exception {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer server = HttpServer.create(address, 0);
    server.start();
    try {
      Result result = status("127.0.0.1:" + server.getAddress().getPort());

      assertThat(result.err())
          .contains("Something listens", "not answer as a gRPC", "Check the port")
          .hasLineCount(2);
      assertThat(result.exitCode()).isGreaterThan(64);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void tellsAServerThatIsSilent() throws Exception {
    try (var silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Result result = status("127.0.0.1:" + silent.getLocalPort(), "--timeout", "500ms");

      assertFailure(result, 68, "accepts connections, and answers nothing", "its log");
    }
  }

  @Test
  void tellsEachChangeUntilItIsCancelled() throws Exception {
    CancellableContext context = Context.current().withCancellation();
    TestServer server = TestServer.of(health(), new TestServer.Greeter());
    TestClient client = TestClient.of(server.address());
    var run = new FutureTask<>(context.wrap(() -> client.run("status", "--watch")));
    new Thread(run, "client").start();
    awaitOutput(client, "Z  SERVING, secret accepted\n");

    server.close();

    awaitOutput(client, "Z  No service answers at " + server.address() + ": ");
    context.cancel(null);
    assertThat(run.get(30, TimeUnit.SECONDS).exitCode()).isZero();
    assertThat(client.out()).hasLineCount(2);
  }

  private static void awaitOutput(TestClient client, String part) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(client.out()).contains(part));
  }

  @Test
  void tellsThatTheServerHasNoTls() throws Exception {
    try (TestServer server = TestServer.of(health(), new TestServer.Greeter())) {
      Result result = TestClient.of(server.address(), TLS).run("status", "--timeout", "2s");

      assertThat(result.out()).contains("security    TLS\n");
      assertFailure(result, 78, "does not answer TLS", "NEGOTIATION_TYPE=plaintext");
    }
  }

  @Test
  void isOneJsonObjectForPrograms() throws Exception {
    try (TestServer server = TestServer.of(health(), new Refusing(Status.UNAUTHENTICATED))) {
      Result result = status(server.address(), "--output", "json");

      JsonObject fields = JsonParser.parseString(result.out()).getAsJsonObject();
      assertThat(result.out()).hasLineCount(1);
      assertThat(fields.keySet())
          .containsExactly("server", "security", "health", "address", "secret", "roundTripMillis");
      assertThat(fields.get("secret").getAsString()).isEqualTo("refused");
      assertThat(fields.get("roundTripMillis").getAsDouble()).isPositive();
      JsonObject failure = JsonParser.parseString(result.err()).getAsJsonObject();
      assertThat(failure.get("code").getAsString()).isEqualTo("UNAUTHENTICATED");
      assertThat(failure.get("message").getAsString()).contains("GREETER_AUTH_VALUE");
    }
  }

  @Nested
  class OfAServerBehindTls {

    @TempDir private static Path directory;

    @BeforeAll
    static void makeCertificate() throws Exception {
      new Certificates(directory).make("server");
    }

    @Test
    void succeedsIfTheClientTrustsIt() throws Exception {
      try (TestServer server = behindTls()) {
        String trusted =
            "grpc.client.GLOBAL.security.trust-cert-collection=file:" + file("server.pem");

        Result result = TestClient.of(server.address(), TLS, trusted).run("status");

        assertThat(result.err()).isEmpty();
        assertThat(result.out()).contains("security    TLS\n", "secret      accepted\n");
        assertThat(result.exitCode()).isZero();
      }
    }

    @Test
    void tellsThatTheClientMustEncrypt() throws Exception {
      try (TestServer server = behindTls()) {
        assertFailure(
            status(server.address()), 78, "wants TLS", "GRPC_CLIENT_GLOBAL_NEGOTIATION_TYPE=tls");
      }
    }

    @Test
    void tellsThatTheClientDoesNotTrustTheCertificate() throws Exception {
      try (TestServer server = behindTls()) {
        Result result = TestClient.of(server.address(), TLS).run("status");

        assertFailure(
            result,
            78,
            "not signed by a CA that this client trusts: ",
            "certification path",
            "TRUST_CERT_COLLECTION");
      }
    }

    private TestServer behindTls() throws IOException {
      return TestServer.of(
          TlsServerCredentials.create(file("server.pem"), file("server.key")),
          health(),
          new TestServer.Greeter());
    }

    private static File file(String name) {
      return directory.resolve(name).toFile();
    }
  }

  private static Result status(String server, String... options) {
    String[] words = new String[options.length + 1];
    words[0] = "status";
    System.arraycopy(options, 0, words, 1, options.length);
    return TestClient.of(server).run(words);
  }

  private static void assertFailure(Result result, int exitCode, String... said) {
    assertThat(result.err()).contains(said).hasLineCount(2);
    assertThat(result.exitCode()).isEqualTo(exitCode);
  }

  private static BindableService health() {
    return new HealthStatusManager().getHealthService();
  }

  private static final class Refusing extends TestServer.Greeter {
    private final Status status;

    private Refusing(Status status) {
      this.status = status;
    }

    @Override
    public void greet(GreetingRequest request, StreamObserver<GreetingResponse> answers) {
      answers.onError(status.asException());
    }
  }

  /** Answers with the header that names a client. */
  private record Knowing(String client) implements BindableService {

    @Override
    public ServerServiceDefinition bindService() {
      var headers = new Metadata();
      headers.put(Metadata.Key.of("greeter-client", Metadata.ASCII_STRING_MARSHALLER), client);
      return ServerInterceptors.intercept(
          new TestServer.Greeter(), MetadataUtils.newAttachMetadataServerInterceptor(headers));
    }
  }
}
