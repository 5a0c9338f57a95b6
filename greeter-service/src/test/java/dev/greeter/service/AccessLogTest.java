package dev.greeter.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.jayway.jsonpath.DocumentContext;
import com.jayway.jsonpath.JsonPath;
import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.guard.fixture.TextService;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.logging.LoggingSystemProperty;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The access log of the whole application, as it arrives on the console. */
@ExtendWith(OutputCaptureExtension.class)
class AccessLogTest {

  private static final String SECRET = "marker-of-the-secret";
  private static final String ENDED = "A call has ended";
  private static final GreetingRequest REQUEST =
      GreetingRequest.newBuilder().setName("marker-of-the-name").build();

  /** Spring Boot leaves it set for the next application. */
  @AfterEach
  void forgetTheFormat() {
    System.clearProperty(
        LoggingSystemProperty.CONSOLE_STRUCTURED_FORMAT.getEnvironmentVariableName());
  }

  @Test
  void isJsonByOneProperty(CapturedOutput output) {
    try (var service = start(Map.of("LOGGING_STRUCTURED_FORMAT_CONSOLE", "ecs"))) {
      greet(service, SECRET, Code.OK);
    }

    DocumentContext line = JsonPath.parse(line(output));
    assertThat(line.<String>read("$.message"))
        .startsWith(ENDED + " rpc.system.name=grpc rpc.method=tutorial.Greeter/Greet");
    assertThat(line.<Map<String, Object>>read("$.rpc"))
        .containsOnlyKeys("system", "method", "response", "server")
        .containsEntry("system", Map.of("name", "grpc"))
        .containsEntry("method", "tutorial.Greeter/Greet")
        .containsEntry("response", Map.of("status_code", "OK"));
    assertThat(line.<Map<String, Object>>read("$.rpc.server"))
        .containsEntry("requests_per_rpc", 1)
        .containsEntry("responses_per_rpc", 1);
    assertThat(line.<Double>read("$.rpc.server.call.duration")).isBetween(0.000_001, 30.0);
    assertThat(line.<String>read("$.network.peer.address")).isEqualTo("127.0.0.1");
    assertThat(line.<Integer>read("$.network.peer.port")).isBetween(1, 65_535);
  }

  @Test
  void isTheSamePairsInPlainLines(CapturedOutput output) {
    try (var service = start(Map.of())) {
      greet(service, SECRET, Code.OK);
    }

    assertThat(line(output))
        .matches(
            ".* INFO .*dev.greeter.guard.AccessLog +: A call has ended"
                + " rpc.system.name=grpc rpc.method=tutorial.Greeter/Greet"
                + " rpc.response.status_code=OK rpc.server.call.duration=\\d+\\.\\d{6}"
                + " rpc.server.requests_per_rpc=1 rpc.server.responses_per_rpc=1"
                + " network.peer.address=127.0.0.1 network.peer.port=\\d+");
    assertThat(output.getOut().lines().filter(line -> line.contains("Started ")))
        .singleElement()
        .asString()
        .as("a line without pairs ends with its message")
        .matches(".* --- \\[greeter-service] \\[ +main] \\S.*\\S");
  }

  @Test
  void hasLinesOfRefusalsAndOfMethodsThatDoNotExist(CapturedOutput output) {
    try (var service = start(Map.of())) {
      greet(service, "wrong", Code.UNAUTHENTICATED);
      var unknown = method("tutorial.Greeter/Gone by\n" + "x".repeat(200));
      call(service, unknown, "wrong", Code.UNAUTHENTICATED);
      call(service, unknown, SECRET, Code.UNIMPLEMENTED);
    }

    List<String> lines = lines(output);
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0))
        .contains("rpc.method=tutorial.Greeter/Greet rpc.response.status_code=UNAUTHENTICATED")
        .contains("rpc.server.requests_per_rpc=0 rpc.server.responses_per_rpc=0");
    assertThat(lines.get(1))
        .contains("rpc.method=_OTHER rpc.response.status_code=UNAUTHENTICATED")
        .doesNotContain("Gone");
    assertThat(lines.get(2))
        .contains("rpc.method=_OTHER rpc.response.status_code=UNIMPLEMENTED")
        .contains(" rpc.method_original=tutorial.Greeter/Gone?by?xxx")
        .doesNotContain("x".repeat(100));
  }

  @Test
  void hasNeitherTheSecretNorANameNorOtherMetadata(CapturedOutput output) {
    try (var service = start(Map.of("DEBUG", "true"))) {
      greet(service, SECRET, Code.OK);
      greet(service, "marker-of-a-guess", Code.UNAUTHENTICATED);
      service.call(GreeterGrpc.getGreetMethod(), REQUEST, "x-other", "marker-of-metadata");
    }

    assertThat(lines(output)).hasSize(3);
    assertThat(output).doesNotContain("marker-of");
  }

  @Test
  void leavesHealthOut(CapturedOutput output) {
    try (var service = start(Map.of())) {
      var request = HealthCheckRequest.getDefaultInstance();
      var nothing = HealthCheckRequest.newBuilder().setService("nothing").build();
      service.call(HealthGrpc.getCheckMethod(), request, "authorization", "none");
      service.call(HealthGrpc.getCheckMethod(), nothing, "authorization", "none");
    }

    assertThat(output).doesNotContain(ENDED);
  }

  @Test
  void isRefusalsAndFailuresUnlessItIsSet(CapturedOutput output) {
    try (var service = new RunningService(Map.of("GREETER_AUTH_VALUE", SECRET))) {
      greet(service, SECRET, Code.OK);
      greet(service, "wrong", Code.UNAUTHENTICATED);
    }

    assertThat(line(output)).contains("rpc.response.status_code=UNAUTHENTICATED");
  }

  @Test
  void isOffIfItHasNoLines(CapturedOutput output) {
    var variables =
        Map.of(
            "GREETER_ACCESS_LOG_SAMPLE", "0",
            "GREETER_ACCESS_LOG_REFUSALS_PER_SECOND", "0",
            "GREETER_ACCESS_LOG_FAILURES_PER_SECOND", "0");
    try (var service = start(variables)) {
      greet(service, SECRET, Code.OK);
      greet(service, "wrong", Code.UNAUTHENTICATED);
    }

    assertThat(output).doesNotContain(ENDED);
  }

  private static RunningService start(Map<String, String> variables) {
    var all = new HashMap<>(Map.of("GREETER_AUTH_VALUE", SECRET, "GREETER_ACCESS_LOG_SAMPLE", "1"));
    all.putAll(variables);
    return new RunningService(all);
  }

  private static void greet(RunningService service, String secret, Code expected) {
    assertThat(
            service.call(GreeterGrpc.getGreetMethod(), REQUEST, "authorization", secret).getCode())
        .isEqualTo(expected);
  }

  private static void call(
      RunningService service,
      MethodDescriptor<String, String> method,
      String secret,
      Code expected) {
    assertThat(service.call(method, "", "authorization", secret).getCode()).isEqualTo(expected);
  }

  private static MethodDescriptor<String, String> method(String name) {
    return TextService.method(MethodType.UNARY, name);
  }

  private static String line(CapturedOutput output) {
    assertThat(lines(output)).hasSize(1);
    return lines(output).get(0);
  }

  private static List<String> lines(CapturedOutput output) {
    return output.getOut().lines().filter(line -> line.contains(ENDED)).toList();
  }
}
