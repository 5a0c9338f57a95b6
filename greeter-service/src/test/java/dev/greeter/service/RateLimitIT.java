package dev.greeter.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.guard.fixture.TextService;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The rate limits of addresses, configured as in a container. */
class RateLimitIT {

  @Test
  void limitsAllCallsExceptHealthBeforeSecretCheck() {
    var variables =
        Map.of("GREETER_RATE_LIMIT_CALLS_PER_SECOND", "1", "GREETER_RATE_LIMIT_BURST", "1");
    var unknown = TextService.method(MethodType.UNARY, "tutorial.Greeter/Unknown");
    var health = HealthCheckRequest.getDefaultInstance();
    try (var service = new RunningService(variables)) {
      assertThat(codes(() -> greet(service, "wrong"))).contains(Code.RESOURCE_EXHAUSTED);
      assertThat(codes(() -> service.call(unknown, "", "authorization", "42").getCode()))
          .contains(Code.RESOURCE_EXHAUSTED);
      assertThat(
              codes(
                  () ->
                      service
                          .call(HealthGrpc.getCheckMethod(), health, "authorization", "none")
                          .getCode()))
          .containsOnly(Code.OK);
    }
  }

  /** By its IPv4 form: mapped to IPv6, all addresses ({@code ::ffff:0:0/96}) are one network. */
  @Test
  @ExtendWith(OutputCaptureExtension.class)
  void blocksAddressAfterWrongSecrets(CapturedOutput output) {
    var variables =
        Map.of(
            "GREETER_RATE_LIMIT_FAILED_AUTHENTICATIONS_PER_MINUTE",
            "1",
            "GRPC_SERVER_ADDRESS",
            "*");
    try (var service = new RunningService(variables)) {
      assertThat(codes(() -> greet(service, "42"))).containsOnly(Code.OK);
      assertThat(greet(service, "wrong")).isEqualTo(Code.UNAUTHENTICATED);
      assertThat(greet(service, "wrong")).isEqualTo(Code.RESOURCE_EXHAUSTED);
      assertThat(greet(service, "42")).isEqualTo(Code.RESOURCE_EXHAUSTED);
    }
    assertThat(output).contains("the latest from 127.0.0.1");
  }

  /** Returns the statuses of more calls than fit into a second, even on a slow machine. */
  private static Stream<Code> codes(Supplier<Code> call) {
    return Stream.generate(call).limit(50);
  }

  private static Code greet(RunningService service, String secret) {
    var request = GreetingRequest.newBuilder().setName("Ada").build();
    return service.call(GreeterGrpc.getGreetMethod(), request, "authorization", secret).getCode();
  }
}
