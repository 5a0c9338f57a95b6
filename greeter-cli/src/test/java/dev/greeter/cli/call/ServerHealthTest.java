package dev.greeter.cli.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.TestClient;
import dev.greeter.cli.TestClient.Result;
import dev.greeter.cli.TestServer;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which servers get calls, as the program is configured. */
@Timeout(60)
class ServerHealthTest {

  private static final String HEALTH_AWARE =
      "greeter.service-config={\"loadBalancingConfig\": [{\"round_robin\": {}}],"
          + " \"healthCheckConfig\": {\"serviceName\": \"\"}}";
  private static final String GREET_50 = "greet" + " Ada".repeat(50);

  @Test
  void areThoseThatSayThatTheyServe() throws Exception {
    var health = new HealthStatusManager();
    try (TestServer server = TestServer.of(health.getHealthService(), new TestServer.Welcoming())) {
      assertThat(run(server, GREET_50)).isEqualTo(new Result(0, "Hello Ada!\n".repeat(50), ""));

      health.setStatus("", ServingStatus.NOT_SERVING);
      Result refused = run(server, "greet Ada");
      assertThat(refused.err()).contains("accepts no calls now", "NOT_SERVING").hasLineCount(2);
      assertThat(refused.exitCode()).isEqualTo(78);
      assertThat(run(server, "chat Ada").exitCode()).isEqualTo(78);
    }
  }

  @Test
  void areThoseThatKnowNothingOfHealthWithoutAWord() throws Exception {
    try (TestServer server = TestServer.of(new TestServer.Welcoming())) {
      assertThat(run(server, GREET_50)).isEqualTo(new Result(0, "Hello Ada!\n".repeat(50), ""));
      assertThat(run(server, "chat Ada")).isEqualTo(new Result(0, "Welcome, Ada!\n", ""));
    }
  }

  @Test
  void areNoneIfTheServiceConfigIsNotOneOfGrpcs() {
    Result result =
        TestClient.of("127.0.0.1:1", "greeter.service-config={\"methodConfig\": [{\"name\": 1}]}")
            .run("greet", "Ada");

    assertThat(result.err()).contains("greeter.service-config", "GREETER_SERVICE_CONFIG");
    assertThat(result.exitCode()).isEqualTo(2);
  }

  private static Result run(TestServer server, String line) {
    return TestClient.of(server.address(), HEALTH_AWARE).run(line.split(" "));
  }
}
