package dev.greeter.guard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.CallRecorder;
import dev.greeter.guard.fixture.Caller;
import dev.greeter.guard.fixture.FakeClock;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.RecordingEvents;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status.Code;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests which calls of each kind pass the check. */
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
class AuthenticationServerInterceptorTest {

  private static final String SECRET = "Open, Sesame? 42";
  private static final String PREVIOUS = "Open, Barley!";

  @RegisterExtension private final LogCapture log = new LogCapture();

  private final MethodType kind;
  private final FakeClock clock = new FakeClock();
  private final Caller caller = new Caller().from("10.0.0.1");
  private final CallRecorder outside = new CallRecorder();
  private final CallRecorder inside = new CallRecorder();
  private final RecordingEvents events = new RecordingEvents();

  @AutoClose
  private final InProcessGrpc grpc =
      new InProcessGrpc(
          TextService.echo(),
          caller,
          outside,
          new AuthenticationServerInterceptor(
              Guard.builder(Secrets.of(SECRET, PREVIOUS)).header("X-Secret").events(events),
              null,
              clock::currentTimeNanos),
          inside);

  AuthenticationServerInterceptorTest(MethodType kind) {
    this.kind = kind;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "X-Secret | Open, Sesame? 42",
        "x-secret | Open, Sesame? 42",
        "X-SECRET | wrong;Open, Sesame? 42;wrong too;Open, Barley!",
        "x-secret | wrong;wrong too;;Open, Sesame? 42",
        "x-secret | Open, Barley!;Open, Sesame? 42",
      })
  void acceptsSecretAmongSeveralHeaderValues(String name, String values) {
    assertServed(headers(name, values));
    assertThat(events.events()).isEmpty();
    assertThat(log.problems()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SECRET_MISSING | x-other       | wrong",
        "SECRET_MISSING | authorization | Open, Sesame? 42",
        "SECRET_WRONG   | x-secret      | wrong",
        "SECRET_WRONG   | x-secret      | ''",
        "SECRET_WRONG   | x-secret      | open, sesame? 42",
        "SECRET_WRONG   | x-secret      | Open, Sesame?",
        "SECRET_WRONG   | x-secret      | O",
        "SECRET_WRONG   | x-secret      | Open, Sesame? 421",
        "SECRET_WRONG   | x-secret      | ' 42'",
        "SECRET_WRONG   | x-secret      | 1;2;3;4;Open, Sesame? 42",
      })
  void rejectsOtherCallsBeforeReadingMessages(String event, String name, String values) {
    assertRefused(headers(name, values));
    assertThat(events.events()).containsExactly(event);
  }

  @Test
  void rejectsNonAsciiByteInPlaceOfQuestionMark() {
    byte[] value = SECRET.getBytes(UTF_8);
    value[SECRET.indexOf('?')] = (byte) 0xE9;
    assertRefused(InternalMetadata.newMetadata("x-secret".getBytes(UTF_8), value));
  }

  @Test
  void acceptsPreviousSecretAndLogsUsersOncePerMinute() {
    String line = "The previous secret is still in use, by ";
    assertServed(headers("x-secret", PREVIOUS));
    assertThat(events.events()).containsExactly("previous");
    assertThat(log.warnings()).containsExactly(line + "10.0.0.1");

    clock.advance(Duration.ofSeconds(59));
    usePrevious("10.0.0.2");
    assertThat(log.warnings()).containsExactly(line + "10.0.0.1");

    clock.advance(Duration.ofSeconds(1));
    usePrevious("10.0.0.3");
    assertThat(log.warnings()).containsExactly(line + "10.0.0.1", line + "10.0.0.2, 10.0.0.3");
  }

  @Test
  void limitsLoggedUsersOfPreviousSecret() {
    usePrevious("10.0.0.1");
    for (int i = 0; i < 150; i++) {
      usePrevious("10.0.1." + i);
    }
    clock.advance(Duration.ofMinutes(1));
    usePrevious("10.0.0.1");

    assertThat(log.warnings()).hasSize(2);
    assertThat(log.warnings().get(1).split(", ")).hasSize(101);
  }

  /** The secret of the last call on a connection is compared, not digested. */
  @ParameterizedTest
  @ValueSource(strings = {"", "O", "Open, Sesame? 43", "Open, Sesame? 42 1", "OPEN, SESAME? 42"})
  void checksEachCallOnConnection(String wrong) {
    caller.over(new Peer(new InetSocketAddress("10.0.0.1", 1234)));
    for (int i = 0; i < 2; i++) {
      assertThat(grpc.send(kind, "x-secret", SECRET).code()).isEqualTo(Code.OK);
      assertThat(grpc.send(kind, "x-secret", wrong).code()).isEqualTo(Code.UNAUTHENTICATED);
      assertThat(grpc.send(kind, "x-secret", PREVIOUS).code()).isEqualTo(Code.OK);
    }
    assertThat(events.events())
        .containsExactly("SECRET_WRONG", "previous", "SECRET_WRONG", "previous");
  }

  @Test
  void rechecksRepeatedSecretAgainstCurrentSecrets() {
    var last = PresentedSecret.of("marker", null, Secrets.of("marker"));
    assertThat(last.rank()).isZero();

    assertThat(PresentedSecret.of("marker", last, Secrets.of("marker", "older")).rank()).isZero();
    assertThat(PresentedSecret.of("marker", last, Secrets.of("newer", "marker")).rank()).isOne();
    assertThat(PresentedSecret.of("marker", last, Secrets.of("newer")).rank()).isGreaterThan(1);
    assertThat(last).asString().doesNotContain("marker").doesNotContain("6d61", "109, 97");
  }

  private void assertServed(Metadata headers) {
    var call = grpc.open(kind, headers).send("Ada").halfClose();
    assertThat(call.code()).isEqualTo(Code.OK);
    assertThat(call.messages()).containsExactly("Ada");
    assertThat(inside.events())
        .containsExactly("start", "message", "half-close", "answer", "close OK", "complete");
    assertThat(outside.events()).isEqualTo(inside.events());
  }

  private void assertRefused(Metadata headers) {
    var call = grpc.open(kind, headers).send("Ada").halfClose();
    assertThat(call.code()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(call.status().getDescription()).isEqualTo("Access denied!");
    assertThat(call.messages()).isEmpty();
    assertThat(inside.events()).isEmpty();
    assertThat(outside.events()).containsExactly("start", "close UNAUTHENTICATED", "complete");
    assertThat(outside.requested()).as("messages read").isZero();
  }

  private void usePrevious(String address) {
    caller.from(address);
    assertThat(grpc.send(kind, "x-secret", PREVIOUS).code()).isEqualTo(Code.OK);
  }

  private static Metadata headers(String name, String values) {
    var headers = new Metadata();
    for (String value : values.split(";")) {
      headers.merge(TestCall.headers(name, value));
    }
    return headers;
  }
}
