package dev.greeter.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.TestClient;
import dev.greeter.cli.TestClient.Result;
import dev.greeter.cli.TestServer;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code status} for a service whose state changes. */
@Timeout(60)
class StatusCommandTest {

  @Test
  void printsEachChangeUntilCancelled() throws Exception {
    var health = new HealthStatusManager();
    var service = new TestServer.Greeter();
    TestServer server = TestServer.of(health.getHealthService(), service);
    TestClient client = TestClient.of(server.address()).start("status", "--watch");
    client.await("Z  SERVING, secret accepted\n");
    health.setStatus("", ServingStatus.NOT_SERVING);
    client.await("Z  The service at " + server.address() + " reports NOT_SERVING. Wait for its");
    server.close();
    client.await("Z  Cannot connect to " + server.address() + ": ");
    client.cancel();

    Result result = client.end();
    assertThat(result.out().lines().map(line -> line.split("  ")[1])).doesNotHaveDuplicates();
    assertThat(result.err()).isEmpty();
    assertThat(result.exitCode()).isZero();
  }
}
