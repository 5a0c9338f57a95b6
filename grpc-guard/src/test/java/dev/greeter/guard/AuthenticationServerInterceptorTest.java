package dev.greeter.guard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.CallRecorder;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.RecordingEvents;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import dev.greeter.guard.fixture.WithAttribute;
import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerInterceptor;
import io.grpc.Status.Code;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which calls pass the check, for every kind of call. */
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
class AuthenticationServerInterceptorTest {

  private static final String SECRET = "Open, Sesame? 42";
  private static final String PREVIOUS = "Open, Barley!";

  @RegisterExtension private final LogCapture log = new LogCapture();

  private final MethodType kind;
  private final CallRecorder outside = new CallRecorder();
  private final CallRecorder inside = new CallRecorder();
  private final RecordingEvents events = new RecordingEvents();
  private final ServerInterceptor check =
      Guard.builder(Secrets.of(SECRET, PREVIOUS)).header("X-Secret").events(events).build().check();

  @AutoClose
  private final InProcessGrpc grpc =
      new InProcessGrpc(
          TextService.echo(), WithAttribute.from(() -> "10.0.0.1"), outside, check, inside);

  AuthenticationServerInterceptorTest(MethodType kind) {
    this.kind = kind;
  }

  @Nested
  class LetsThrough {

    @ParameterizedTest
    @ValueSource(strings = {"X-Secret", "x-secret", "X-SECRET"})
    void theSecretUnderTheHeadersNameInAnyCase(String name) {
      assertServed(headers(name, SECRET));
      assertThat(events.events()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void theSecretAmongSeveralValues(int position) {
      String[] values = {"wrong", "wrong too", "", PREVIOUS};
      values[position] = SECRET;
      assertServed(headers("x-secret", values));
    }

    @Test
    void thePreviousSecretAndSaysSo() {
      assertServed(headers("x-secret", PREVIOUS));
      assertThat(events.events()).containsExactly("previous");
      assertThat(log.problems())
          .extracting(event -> event.getFormattedMessage())
          .containsExactly("The previous secret is still in use, by 10.0.0.1");
    }

    @Test
    void theSecretBesideThePreviousOneAndDoesNotCountThat() {
      assertServed(headers("x-secret", PREVIOUS, SECRET));
      assertThat(events.events()).isEmpty();
      assertThat(log.problems()).isEmpty();
    }

    private void assertServed(Metadata headers) {
      var call = call(headers);
      assertThat(call.status().getCode()).isEqualTo(Code.OK);
      assertThat(call.messages()).containsExactly("Ada");
      assertThat(inside.events())
          .containsExactly("start", "message", "half-close", "answer", "close OK", "complete");
      assertThat(outside.events()).isEqualTo(inside.events());
    }
  }

  @Nested
  class Refuses {

    @Test
    void aCallWithoutTheHeader() {
      assertRefused(new Metadata());
      assertThat(events.events()).containsExactly("SECRET_MISSING");
    }

    @Test
    void theSecretInAnotherHeader() {
      assertRefused(headers("authorization", SECRET));
      assertThat(events.events()).containsExactly("SECRET_MISSING");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "wrong",
          "",
          "open, sesame? 42",
          "Open, Sesame?",
          "O",
          "Open, Sesame? 421",
          " 42",
        })
    void anyOtherValue(String value) {
      assertRefused(headers("x-secret", value));
      assertThat(events.events()).containsExactly("SECRET_WRONG");
    }

    @Test
    void aByteThatIsNoAsciiInPlaceOfAQuestionMark() {
      byte[] value = SECRET.getBytes(UTF_8);
      value[SECRET.indexOf('?')] = (byte) 0xE9;
      assertRefused(InternalMetadata.newMetadata("x-secret".getBytes(UTF_8), value));
    }

    @Test
    void theSecretBehindMoreValuesThanAreLookedAt() {
      assertRefused(headers("x-secret", "1", "2", "3", "4", SECRET));
      assertThat(events.events()).containsExactly("SECRET_WRONG");
    }

    private void assertRefused(Metadata headers) {
      var call = call(headers);
      assertThat(call.status().getCode()).isEqualTo(Code.UNAUTHENTICATED);
      assertThat(call.status().getDescription()).isEqualTo("Access denied!");
      assertThat(call.messages()).isEmpty();
      assertThat(inside.events()).isEmpty();
      assertThat(outside.events()).containsExactly("start", "close UNAUTHENTICATED", "complete");
      assertThat(outside.requested()).as("messages read").isZero();
    }
  }

  private TestCall<String, String> call(Metadata headers) {
    return TestCall.send(grpc.channel(), TextService.method(kind), headers, "Ada");
  }

  private static Metadata headers(String name, String... values) {
    var headers = new Metadata();
    for (String value : values) {
      headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
    }
    return headers;
  }
}
