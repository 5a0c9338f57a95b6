package dev.greeter.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.jayway.jsonpath.JsonPath;
import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.guard.fixture.TextService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.logging.LoggingSystemProperty;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The application's access log, as printed on the console. */
@ExtendWith(OutputCaptureExtension.class)
class AccessLogTest {

  private static final String SECRET = "marker-of-the-secret";
  private static final String ADA = "marker-of-the-secret-of-ada-0123";
  private static final String ENDED = "A call has ended";
  private static final GreetingRequest REQUEST =
      GreetingRequest.newBuilder().setName("marker-of-the-name").build();
  private static final MethodDescriptor<String, String> UNKNOWN =
      TextService.method(MethodType.UNARY, "tutorial.Greeter/Gone by\n" + "x".repeat(200));

  /** Spring Boot would keep it for the next application. */
  @AfterEach
  void forgetTheFormat() {
    System.clearProperty(
        LoggingSystemProperty.CONSOLE_STRUCTURED_FORMAT.getEnvironmentVariableName());
  }

  @Test
  void logsCallsExceptHealthChecksWithoutSensitiveData(
      CapturedOutput output, @TempDir Path directory) throws IOException {
    Path clients = Files.writeString(directory.resolve("clients"), "ada " + ADA);
    var variables =
        Map.of(
            "GREETER_AUTH_VALUE", SECRET,
            "GREETER_AUTH_CLIENTS_FILE", clients.toString(),
            "GREETER_ACCESS_LOG_SAMPLE", "1",
            "LOGGING_STRUCTURED_FORMAT_CONSOLE", "ecs",
            "DEBUG", "true");
    try (var service = new RunningService(variables)) {
      greet(service, SECRET, Code.OK);
      greet(service, ADA, Code.OK);
      greet(service, "marker-of-a-guess", Code.UNAUTHENTICATED);
      call(service, UNKNOWN, "", "marker-of-a-guess", Code.UNAUTHENTICATED);
      call(service, UNKNOWN, "", SECRET, Code.UNIMPLEMENTED);
      var health = HealthCheckRequest.getDefaultInstance();
      call(service, HealthGrpc.getCheckMethod(), health, "none", Code.OK);
      Metadata other = RunningService.headers("x-other", "marker-of-metadata");
      assertThat(service.call(GreeterGrpc.getGreetMethod(), REQUEST, other).getCode())
          .isEqualTo(Code.UNAUTHENTICATED);
    }

    List<String> lines = lines(output);
    assertThat(lines)
        .extracting(line -> JsonPath.<String>read(line, "$.rpc.method"))
        .containsExactly(
            "tutorial.Greeter/Greet",
            "tutorial.Greeter/Greet",
            "tutorial.Greeter/Greet",
            "_OTHER",
            "_OTHER",
            "tutorial.Greeter/Greet");
    assertThat(lines)
        .extracting(line -> JsonPath.<String>read(line, "$.rpc.response.status_code"))
        .containsExactly(
            "OK", "OK", "UNAUTHENTICATED", "UNAUTHENTICATED", "UNIMPLEMENTED", "UNAUTHENTICATED");
    assertThat(lines.stream().filter(line -> line.contains("enduser")))
        .containsExactly(lines.get(1));
    assertThat(lines.get(1)).contains(" enduser.id=ada");
    assertThat(lines.stream().filter(line -> line.contains("Gone"))).containsExactly(lines.get(4));
    assertThat(lines.get(4))
        .contains("tutorial.Greeter/Gone?by?xxx")
        .doesNotContain("x".repeat(100));
    var first = JsonPath.parse(lines.get(0));
    assertThat(first.<Map<String, Object>>read("$.rpc.server"))
        .containsEntry("requests_per_rpc", 1)
        .containsEntry("responses_per_rpc", 1);
    assertThat(first.<Double>read("$.rpc.server.call.duration")).isBetween(0.000_001, 30.0);
    assertThat(first.<String>read("$.network.peer.address")).isEqualTo("127.0.0.1");
    assertThat(first.<Integer>read("$.network.peer.port")).isBetween(1, 65_535);
    assertThat(output).doesNotContain("marker-of");
  }

  @Test
  void logsOnlyFailedCallsInPlainTextByDefault(CapturedOutput output) {
    try (var service = new RunningService(Map.of())) {
      greet(service, "42", Code.OK);
      greet(service, "wrong", Code.UNAUTHENTICATED);
    }

    assertThat(lines(output))
        .singleElement()
        .asString()
        .matches(
            ".* INFO .*dev.greeter.guard.AccessLog +: A call has ended"
                + " rpc.system.name=grpc rpc.method=tutorial.Greeter/Greet"
                + " rpc.response.status_code=UNAUTHENTICATED"
                + " rpc.server.call.duration=\\d+\\.\\d{6}"
                + " rpc.server.requests_per_rpc=0 rpc.server.responses_per_rpc=0"
                + " network.peer.address=127.0.0.1 network.peer.port=\\d+");
    assertThat(output.getOut().lines().filter(line -> line.contains("Started ")))
        .singleElement()
        .asString()
        .as("a line without pairs ends with its message")
        .matches(".* --- \\[greeter-service] \\[ +main] \\S.*\\S");
    assertThat(output)
        .containsOnlyOnce("The demonstration secret is in use")
        .contains("set GREETER_AUTH_VALUE");
  }

  private static void greet(RunningService service, String secret, Code expected) {
    call(service, GreeterGrpc.getGreetMethod(), REQUEST, secret, expected);
  }

  private static <Q> void call(
      RunningService service,
      MethodDescriptor<Q, ?> method,
      Q request,
      String secret,
      Code expected) {
    assertThat(service.call(method, request, "authorization", secret).getCode())
        .isEqualTo(expected);
  }

  private static List<String> lines(CapturedOutput output) {
    return output.getOut().lines().filter(line -> line.contains(ENDED)).toList();
  }
}
