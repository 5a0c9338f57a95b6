package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How large a message to an open service may be. */
class RequestSizeLimitTest {

  private static CallPolicy policy(int maxRequestBytes) {
    return new CallPolicy(maxRequestBytes, Duration.ofSeconds(1), 1, 1, Duration.ofSeconds(1));
  }

  private final RequestSizeLimit limit =
      new RequestSizeLimit(new ServicePolicies(Set.of("test.Open"), policy(1_000), policy(8_000)));

  @Test
  void endsAMessageAsSoonAsItIsTooLarge() {
    var call = call("test.Open/Call");
    call.inboundWireSize(600);
    assertThatThrownBy(() -> call.inboundWireSize(401))
        .hasMessage("RESOURCE_EXHAUSTED: The request is larger than 1000 bytes");
  }

  @Test
  void letsThoseBeThatAreNot() {
    var call = call("test.Open/Call");
    assertThatCode(
            () -> {
              for (int message = 0; message < 3; message++) {
                call.inboundMessage(message);
                call.inboundWireSize(1_000);
              }
            })
        .doesNotThrowAnyException();
  }

  @Test
  void endsAMessageThatComesByteByByte() {
    var call = call("test.Open/Call");
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

  private ServerStreamTracer call(String method) {
    var call = limit.newServerStreamTracer(method, new Metadata());
    call.inboundMessage(0);
    return call;
  }
}
