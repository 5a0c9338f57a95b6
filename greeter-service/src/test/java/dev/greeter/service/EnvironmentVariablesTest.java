package dev.greeter.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Environment variables configure authentication, as in a container. */
class EnvironmentVariablesTest {

  @Test
  void configuresSecretAndHeader() {
    try (var service =
        new RunningService(Map.of("GREETER_AUTH_HEADER", "X-Secret", "GREETER_AUTH_VALUE", "43"))) {
      assertThat(greet(service, "x-secret", "43")).isEqualTo(Code.OK);
      assertThat(greet(service, "x-secret", "42")).isEqualTo(Code.UNAUTHENTICATED);
      assertThat(greet(service, "authorization", "43")).isEqualTo(Code.UNAUTHENTICATED);
      assertThat(health(service)).isEqualTo(Code.OK);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a${x:b}c", "a${GREETER_AUTH_VALUE}", "${", "a\\${x}b", "#{1+1}"})
  void takesSecretVerbatim(String secret) {
    try (var service = new RunningService(Map.of("GREETER_AUTH_VALUE", secret))) {
      assertThat(greet(service, "authorization", secret)).isEqualTo(Code.OK);
    }
  }

  @Test
  void requiresSecretForHealthIfNoServiceIsOpen() {
    try (var service = new RunningService(Map.of("GREETER_AUTH_OPEN_SERVICES", ""))) {
      assertThat(health(service)).isEqualTo(Code.UNAUTHENTICATED);
      assertThat(greet(service, "authorization", "42")).isEqualTo(Code.OK);
    }
  }

  @Test
  void opensConfiguredServices() {
    var variables = Map.of("GREETER_AUTH_OPEN_SERVICES", "a.B, tutorial.Greeter");
    try (var service = new RunningService(variables)) {
      assertThat(greet(service, "authorization", "wrong")).isEqualTo(Code.OK);
      assertThat(health(service)).isEqualTo(Code.UNAUTHENTICATED);
    }
  }

  private static Code greet(RunningService service, String header, String value) {
    var request = GreetingRequest.newBuilder().setName("Ada").build();
    return service.call(GreeterGrpc.getGreetMethod(), request, header, value).getCode();
  }

  private static Code health(RunningService service) {
    var request = HealthCheckRequest.getDefaultInstance();
    return service.call(HealthGrpc.getCheckMethod(), request, "authorization", "none").getCode();
  }
}
