package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.greeter.guard.fixture.CallRecorder;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The end of a call that the check has let through reaches both sides, for every kind of call. */
@Execution(ExecutionMode.CONCURRENT)
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
class AuthenticatedCallEndTest {

  private static final TextService SILENT = new TextService((text, responses) -> {});

  private final MethodType kind;
  private final CallRecorder handler = new CallRecorder();

  AuthenticatedCallEndTest(MethodType kind) {
    this.kind = kind;
  }

  @Test
  void passesOnTheHandlersError() throws Exception {
    var failing =
        new TextService(
            (text, responses) ->
                responses.onError(Status.ABORTED.withDescription("Too late").asException()));
    try (var grpc = serve(failing)) {
      var call = call(grpc, CallOptions.DEFAULT);
      assertThat(call.status().getCode()).isEqualTo(Code.ABORTED);
      assertThat(call.status().getDescription()).isEqualTo("Too late");
      assertThat(handler.events())
          .containsExactly("start", "message", "half-close", "close ABORTED", "complete");
    }
  }

  @Test
  void tellsTheHandlerThatTheClientHasCancelled() throws Exception {
    try (var grpc = serve(SILENT)) {
      var call = call(grpc, CallOptions.DEFAULT);
      call.cancel();
      assertThat(call.status().getCode()).isEqualTo(Code.CANCELLED);
      assertCancelled();
    }
  }

  @Test
  void tellsBothSidesThatTheDeadlineHasPassed() throws Exception {
    try (var grpc = serve(SILENT)) {
      var call = call(grpc, CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.SECONDS));
      assertThat(call.status().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
      assertCancelled();
    }
  }

  private void assertCancelled() {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(handler.events())
                    .containsExactly("start", "message", "half-close", "cancel"));
  }

  private InProcessGrpc serve(TextService service) {
    return new InProcessGrpc(
        service,
        new AuthenticationServerInterceptor(
            "x-secret",
            Secrets.of("42", null),
            new ServicePolicies(Set.of(), CallPolicy.OPEN, CallPolicy.GUARDED),
            GuardEvents.NONE),
        handler);
  }

  private TestCall<String, String> call(InProcessGrpc grpc, CallOptions options) {
    var headers = new Metadata();
    headers.put(Metadata.Key.of("x-secret", Metadata.ASCII_STRING_MARSHALLER), "42");
    return TestCall.open(grpc.channel(), TextService.method(kind), options, headers)
        .take(1)
        .send("Ada")
        .halfClose();
  }
}
