package dev.greeter.service.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.service.fixture.CallRecorder;
import dev.greeter.service.fixture.InProcessGrpc;
import dev.greeter.service.fixture.TestCall;
import dev.greeter.service.fixture.TextService;
import dev.greeter.service.telemetry.Telemetry;
import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status.Code;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets through the check, for every kind of call. */
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
class AuthenticationInterceptorTest {

  private static final String SECRET = "Open, Sesame? 42";
  private static final String PREVIOUS = "Open, Barley!";

  private final MethodType kind;
  private final CallRecorder outside = new CallRecorder();
  private final CallRecorder inside = new CallRecorder();
  private final AuthenticationInterceptor check =
      new AuthenticationInterceptor(
          "X-Secret",
          AcceptedSecrets.fixed(List.of(SECRET, PREVIOUS)),
          new PreviousSecretUse(),
          new Telemetry() {});

  @AutoClose
  private final InProcessGrpc grpc = new InProcessGrpc(TextService.echo(), outside, check, inside);

  AuthenticationInterceptorTest(MethodType kind) {
    this.kind = kind;
  }

  @Nested
  class LetsThrough {

    @ParameterizedTest
    @ValueSource(strings = {"X-Secret", "x-secret", "X-SECRET"})
    void theSecretUnderTheHeadersNameInAnyCase(String name) {
      assertServed(headers(name, SECRET));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void theSecretAmongSeveralValues(int position) {
      String[] values = {"wrong", "wrong too", ""};
      values[position] = SECRET;
      assertServed(headers("x-secret", values));
    }

    @Test
    void thePreviousSecret() {
      assertServed(headers("x-secret", PREVIOUS));
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
    }

    @Test
    void theSecretInAnotherHeader() {
      assertRefused(headers("authorization", SECRET));
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
    }

    @Test
    void aByteThatIsNoAsciiInPlaceOfAQuestionMark() {
      byte[] value = SECRET.getBytes(UTF_8);
      value[SECRET.indexOf('?')] = (byte) 0xE9;
      assertRefused(InternalMetadata.newMetadata("x-secret".getBytes(UTF_8), value));
    }

    @Test
    void severalWrongValues() {
      assertRefused(headers("x-secret", "Open, ", "Sesame? 42", "wrong"));
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

  @Test
  void tellsNobodyTheSecret() {
    assertThat(check).asString().doesNotContain(SECRET);
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
