package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.RecordingEvents;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerInterceptors;
import io.grpc.ServerStreamTracer;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How large a message may be, as its bytes come. */
class RequestSizeLimitTest {

  private static final CallPolicy OPEN =
      new CallPolicy(1_000, Duration.ofDays(1), 1, 1, Duration.ofDays(1));

  @RegisterExtension private final LogCapture log = new LogCapture();

  private final ServicePolicies policies =
      new ServicePolicies(Set.of(TextService.NAME), OPEN, OPEN.withMaxRequestBytes(0));
  private final RequestSizeLimit limit = new RequestSizeLimit(policies);

  @Test
  void endsAMessageAsSoonAsItIsTooLarge() {
    var call = call("test.Text/Call");
    call.inboundWireSize(600);
    assertThatThrownBy(() -> call.inboundWireSize(401))
        .hasMessage("RESOURCE_EXHAUSTED: The request is larger than 1000 bytes");
  }

  @Test
  void allowsManyMessagesThatAreNot() {
    var call = call("test.Text/Call");
    assertThatCode(
            () -> {
              for (int message = 0; message < 3; message++) {
                call.inboundMessage(message);
                call.inboundWireSize(1_000);
              }
            })
        .doesNotThrowAnyException();
  }

  /** The transport has a limit of its own, which its user sets. */
  @Test
  void leavesTheSizeForAuthenticatedCallersToTheTransport() {
    var call = call("test.Guarded/Call");
    assertThatCode(() -> call.inboundWireSize(4 << 20)).doesNotThrowAnyException();
  }

  @Test
  void endsAMessageThatComesByteByByte() {
    var call = call("test.Guarded/Call");
    for (int piece = 0; piece < 16; piece++) {
      call.inboundWireSize(1);
    }
    assertThatThrownBy(() -> call.inboundWireSize(1))
        .hasMessage("RESOURCE_EXHAUSTED: The request comes in too small pieces");
  }

  @Test
  void allowsPiecesOfAnOrdinarySize() {
    var call = call("test.Guarded/Call");
    assertThatCode(
            () -> {
              for (int piece = 0; piece < 100; piece++) {
                call.inboundWireSize(80);
              }
            })
        .doesNotThrowAnyException();
  }

  @Test
  void endsACallToAnOpenServiceWithoutALineOfGrpc() throws Exception {
    var tracer = new AtomicReference<ServerStreamTracer>();
    var events = new RecordingEvents();
    var server =
        InProcessGrpc.builder()
            .addService(
                ServerInterceptors.intercept(
                    TextService.echo(), new CallLimitInterceptor(policies, events)))
            .addStreamTracerFactory(
                new ServerStreamTracer.Factory() {
                  @Override
                  public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
                    tracer.set(limit.newServerStreamTracer(method, headers));
                    return tracer.get();
                  }
                });
    try (var grpc = new InProcessGrpc(server)) {
      var method = TextService.method(MethodType.BIDI_STREAMING);
      var call = TestCall.open(grpc.channel(), method, CallOptions.DEFAULT, new Metadata());
      // As a transport that has read them; the one within the process has no bytes.
      tracer.get().inboundWireSize(1_001);

      assertThat(call.status().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      assertThat(call.status().getDescription()).isEqualTo("The request is larger than 1000 bytes");
    }
    assertThat(events.events()).containsExactly("REQUEST_SIZE");
    assertThat(log.problems()).isEmpty();
  }

  private ServerStreamTracer call(String method) {
    var call = limit.newServerStreamTracer(method, new Metadata());
    call.inboundMessage(0);
    return call;
  }
}
