package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.greeter.guard.fixture.AsClient;
import dev.greeter.guard.fixture.FakeClock;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.RecordingEvents;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import dev.greeter.guard.fixture.WithAttribute;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status.Code;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which calls of a client are refused, and with what answer. */
class ClientRateInterceptorTest {

  @RegisterExtension private final LogCapture log = new LogCapture();

  private final FakeClock clock = new FakeClock();
  private final RecordingEvents events = new RecordingEvents();
  private @Nullable String client = "ada";
  private String address = "10.0.0.1";

  @AutoClose
  private final InProcessGrpc grpc =
      new InProcessGrpc(
          TextService.echo(),
          WithAttribute.from(() -> address),
          new AsClient(() -> client),
          new ClientRateInterceptor(
              Guard.builder(Secrets.of("42")).callsPerSecondOfClient(2).burst(3).events(events),
              clock));

  @Test
  void limitsAClientWhereverItCallsFrom() {
    assertSent(3, Code.OK);
    address = "10.0.0.2";
    assertSent(2, Code.RESOURCE_EXHAUSTED);
    assertThat(events.events()).containsExactly("CLIENT_RATE ada", "CLIENT_RATE ada");
    assertThat(log.problems())
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "Calls over the rate limit, refused since the last report: 1, the latest from client"
                + " ada");

    clock.advance(Duration.ofMillis(500));
    assertSent(1, Code.OK);
  }

  @Test
  void limitsEachClientByItself() {
    assertSent(3, Code.OK);
    client = "bob";
    assertSent(3, Code.OK);
  }

  @Test
  void limitsNoCallerWithoutAName() {
    client = null;
    assertSent(100, Code.OK);
    assertThat(events.events()).isEmpty();
  }

  @Test
  void answersWhyAndWhenToComeBack() {
    assertSent(3, Code.OK);
    var call = send();
    assertThat(call.status().getDescription()).isEqualTo("Too many calls of this client");
    var pushback = Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);
    assertThat(call.trailers().get(pushback)).isEqualTo("500");
  }

  private void assertSent(int calls, Code expected) {
    for (int i = 0; i < calls; i++) {
      assertThat(send().status().getCode()).isEqualTo(expected);
    }
  }

  private TestCall<String, String> send() {
    return TestCall.send(
        grpc.channel(), TextService.method(MethodType.UNARY), new Metadata(), "Ada");
  }
}
