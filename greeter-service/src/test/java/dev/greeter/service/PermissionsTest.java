package dev.greeter.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.guard.fixture.TextService;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The methods that named clients may call. */
@ExtendWith(OutputCaptureExtension.class)
class PermissionsTest {

  private static final String ADA = "marker-of-the-secret-of-ada-0123";
  private static final String BOB = "marker-of-the-secret-of-bob-0123";
  private static final GreetingRequest REQUEST =
      GreetingRequest.newBuilder().setName("Ada").build();

  @TempDir private Path directory;

  @Test
  void permitsOnlyListedMethodsAndOpenServices(CapturedOutput output) throws Exception {
    try (var service = serve("ada %s 2999-01-31 tutorial.Greeter/Greet\nbob %s")) {
      assertThat(
              service.call(GreeterGrpc.getGreetMethod(), REQUEST, "authorization", ADA).getCode())
          .isEqualTo(Code.OK);
      var chat = service.open(GreeterGrpc.getChatMethod(), "authorization", ADA);
      assertThat(chat.code()).isEqualTo(Code.PERMISSION_DENIED);
      var health = HealthCheckRequest.getDefaultInstance();
      assertThat(service.call(HealthGrpc.getCheckMethod(), health, "authorization", ADA).getCode())
          .isEqualTo(Code.OK);
      chat = service.open(GreeterGrpc.getChatMethod(), "authorization", BOB);
      assertThat(chat.halfClose().code()).isEqualTo(Code.OK);
    }

    assertThat(output.getOut().lines().filter(line -> line.contains("A call has ended")))
        .singleElement()
        .asString()
        .contains("rpc.method=tutorial.Greeter/Chat", "=PERMISSION_DENIED", "enduser.id=ada");
    assertThat(output).doesNotContain("marker").doesNotContain("does not have");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tutorial.Greeter/Unknown",
        "test.Unknown/UNARY",
        "grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
      })
  void doesNotRevealWhetherUnpermittedMethodsExist(String name) throws Exception {
    try (var service = serve("ada %s tutorial.Greeter/Greet\nbob %s")) {
      MethodDescriptor<String, String> method = TextService.method(MethodType.BIDI_STREAMING, name);
      Status status = service.call(method, "", "authorization", ADA);
      assertThat(status.getCode()).isEqualTo(Code.PERMISSION_DENIED);
      assertThat(status.getDescription()).isEqualTo("The secret does not permit this method");
    }
  }

  @Test
  void warnsAboutUnknownMethodsByLineNumber(CapturedOutput output) throws Exception {
    try (var service = serve("ada %s tutorial.Greeter/Gret\nbob %s tutorial.Greeter")) {
      assertThat(
              service.call(GreeterGrpc.getGreetMethod(), REQUEST, "authorization", BOB).getCode())
          .isEqualTo(Code.OK);
    }

    assertThat(output)
        .containsOnlyOnce("The clients' file permits names unknown to this server (1): line 1");
  }

  private RunningService serve(String lines) throws Exception {
    Path clients = Files.writeString(directory.resolve("clients"), lines.formatted(ADA, BOB));
    return new RunningService(Map.of("GREETER_AUTH_CLIENTS_FILE", clients.toString()));
  }
}
