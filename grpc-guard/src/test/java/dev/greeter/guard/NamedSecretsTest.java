package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.greeter.guard.fixture.CallRecorder;
import dev.greeter.guard.fixture.Caller;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.RecordingEvents;
import dev.greeter.guard.fixture.SecretFile;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerInterceptors;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests which client a call belongs to, and when a client's calls end. */
@Timeout(60)
class NamedSecretsTest {

  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  @RegisterExtension private final LogCapture log = new LogCapture();

  private final RecordingEvents events = new RecordingEvents();
  private final CallRecorder handled = new CallRecorder();
  private final Caller caller = new Caller();

  private final SecretFile file = new SecretFile("");
  private Instant now = Instant.parse("2026-12-01T12:00:00Z");
  private @Nullable InProcessGrpc grpc;
  private @Nullable Guard guard;

  @AfterEach
  void stop() throws Exception {
    if (grpc != null) {
      grpc.close();
    }
    if (guard != null) {
      guard.close();
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
  void exposesClientToHandler(MethodType kind) throws Exception {
    serve("ada marker-ada\nbob " + hashed("marker-bob"));

    assertThat(answer(kind, "marker-ada")).isEqualTo("ada");
    assertThat(answer(kind, "marker-bob")).isEqualTo("bob");
    assertThat(events.events()).containsExactly("ada", "bob");
  }

  @Test
  void exposesNoClientForSharedSecret() throws Exception {
    serve("ada marker-ada", Secrets.of("marker-shared", "marker-old"));

    assertThat(answer(MethodType.UNARY, "marker-shared")).isEqualTo("nobody");
    assertThat(answer(MethodType.UNARY, "marker-old")).isEqualTo("nobody");
    assertThat(events.events()).containsExactly("previous");
  }

  @ParameterizedTest
  @CsvSource({", ada", TextService.NAME + ", nobody"})
  void removesSecretFromHandlerMetadata(@Nullable String open, String client) throws Exception {
    serve("ada marker-ada", null, open == null ? new String[0] : new String[] {open});
    var headers = headers("marker-ada");
    headers.put(HEADER, "another");
    headers.put(Metadata.Key.of("x-other", Metadata.ASCII_STRING_MARSHALLER), "stays");

    assertThat(call(MethodType.UNARY, headers).allMessages()).containsExactly(client);
    assertThat(handled.headers())
        .singleElement()
        .satisfies(
            seen -> assertThat(seen.keys()).contains("x-other").doesNotContain("authorization"));
  }

  @Test
  void acceptsBothSecretsDuringRotation() throws Exception {
    serve("ada marker-new\nada marker-old");

    assertThat(answer(MethodType.UNARY, "marker-new")).isEqualTo("ada");
    assertThat(events.events()).containsExactly("ada");
    assertThat(answer(MethodType.UNARY, "marker-old")).isEqualTo("ada");
    assertThat(events.events()).containsExactly("ada", "previous", "ada");
    assertThat(log.problems())
        .extracting(ILoggingEvent::getFormattedMessage)
        .contains("The previous secret is still in use, by ada");
  }

  @Test
  void rejectsExpiredSecrets() throws Exception {
    serve("ada marker-ada 2026-12-01\nbob marker-bob 2026-12-01T12:00:01Z");
    assertThat(code("marker-bob")).isEqualTo(Code.OK);

    now = Instant.parse("2026-12-01T12:00:01Z");
    assertThat(code("marker-bob")).isEqualTo(Code.UNAUTHENTICATED);
    now = Instant.parse("2026-12-01T23:59:59Z");
    assertThat(code("marker-ada")).isEqualTo(Code.OK);
    now = Instant.parse("2026-12-02T00:00:00Z");
    assertThat(code("marker-ada")).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(events.events()).containsExactly("bob", "SECRET_EXPIRED", "ada", "SECRET_EXPIRED");
  }

  @Test
  void endsOpenCallsWhenSecretExpires() throws Exception {
    serve("ada marker-ada 2026-12-01\nbob marker-bob");
    var call = open("marker-ada");
    var other = open("marker-bob");

    now = Instant.parse("2026-12-02T00:00:00Z");

    assertThat(call.status().getCode()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(other.send("Bob").halfClose().status().getCode()).isEqualTo(Code.OK);
  }

  @Test
  @Tag("slow")
  void revokesRemovedSecretsWithoutAffectingOthers() throws Exception {
    serve("ada marker-ada\nbob marker-bob\nbob marker-stolen");
    var ada = open("marker-ada");
    var bob = open("marker-bob");
    var thief = open("marker-stolen");

    file.write("# Bob has a new secret\nbob marker-bob\n\n");

    assertThat(ada.status().getCode()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(ada.status().getDescription())
        .isEqualTo("The secret of this call is no longer accepted");
    assertThat(thief.status().getCode()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(code("marker-ada")).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(code("marker-stolen")).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(code("marker-bob")).isEqualTo(Code.OK);
    assertThat(bob.send("Bob").halfClose().status().getCode()).isEqualTo(Code.OK);
  }

  @ParameterizedTest
  @CsvSource({
    "'', test.Text/UNARY, OK",
    "test.Text, test.Text/UNARY, OK",
    "test.Text, test.Text/Gone, UNIMPLEMENTED",
    "other.Text/Call test.Text/UNARY, test.Text/UNARY, OK",
    "test.Text/UNARY, test.Text/BIDI_STREAMING, PERMISSION_DENIED",
    "test.Text/UNARY, test.Text/Unary, PERMISSION_DENIED",
    "test.Text/UNAR, test.Text/UNARY, PERMISSION_DENIED",
    "test.Text/UNARY, test.Text/Gone, PERMISSION_DENIED",
    "test.Tex, test.Text/UNARY, PERMISSION_DENIED",
    "test.Text2, test.Text/UNARY, PERMISSION_DENIED",
    "test.Text, test.Gone/UNARY, PERMISSION_DENIED",
    "test.Text, no-method, PERMISSION_DENIED",
  })
  void permitsOnlyListedMethods(String permissions, String method, Code code) throws Exception {
    serve("ada marker-ada " + permissions + "\nbob marker-bob");

    var call = call(TextService.method(MethodType.BIDI_STREAMING, method), headers("marker-ada"));
    assertThat(call.code()).isEqualTo(code);
    if (code == Code.PERMISSION_DENIED) {
      assertThat(call.status().getDescription())
          .isEqualTo("The secret does not permit this method");
      assertThat(handled.events()).isEmpty();
      assertThat(events.events()).containsExactly("METHOD_NOT_PERMITTED ada");
    } else {
      assertThat(events.events()).containsExactly("ada");
    }
    assertThat(code("marker-bob")).isEqualTo(Code.OK);
    assertThat(code("marker-eve")).isEqualTo(Code.UNAUTHENTICATED);
  }

  @Test
  void needsNoPermissionForOpenServices() throws Exception {
    serve("ada marker-ada other.Text", null, TextService.NAME);
    assertThat(code("marker-ada")).isEqualTo(Code.OK);
  }

  @Test
  void authenticatesConnectionEvenIfMethodIsNotPermitted() throws Exception {
    serve("ada marker-ada other.Text");
    var peer = new Peer(new InetSocketAddress("10.0.0.1", 1234));
    caller.over(peer);
    assertThat(code("marker-eve")).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(peer.isAuthenticated()).isFalse();
    assertThat(code("marker-ada")).isEqualTo(Code.PERMISSION_DENIED);
    assertThat(peer.isAuthenticated()).isTrue();
  }

  @Test
  @Tag("slow")
  void appliesPermissionChangesToOpenCalls() throws Exception {
    serve("ada marker-ada\nbob marker-bob test.Text/BIDI_STREAMING\ncleo marker-cleo");
    var ada = open("marker-ada");
    var bob = open("marker-bob");
    var cleo = open("marker-cleo");

    file.write(
        "ada marker-ada test.Text/UNARY\nbob marker-bob test.Text/BIDI_STREAMING other.Text\n"
            + "cleo marker-cleo");

    assertThat(ada.status().getCode()).isEqualTo(Code.PERMISSION_DENIED);
    assertThat(ada.status().getDescription()).isEqualTo("The secret does not permit this method");
    assertThat(open("marker-ada").status().getCode()).isEqualTo(Code.PERMISSION_DENIED);
    // The guard reports the end of an open call after its client receives it.
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(events.events())
                    .filteredOn(event -> event.startsWith("METHOD"))
                    .containsExactly("METHOD_NOT_PERMITTED ada", "METHOD_NOT_PERMITTED ada"));
    assertThat(code("marker-ada")).isEqualTo(Code.OK);
    assertThat(bob.send("Bob").halfClose().status().getCode()).isEqualTo(Code.OK);
    assertThat(cleo.send("Cleo").halfClose().status().getCode()).isEqualTo(Code.OK);
  }

  @Test
  void logsClientOfUnpermittedCall() throws Exception {
    serve("ada marker-ada other.Text");
    assertThat(code("marker-ada")).isEqualTo(Code.PERMISSION_DENIED);
    assertThat(log.of("dev.greeter.guard.AccessLog"))
        .singleElement()
        .asString()
        .contains("rpc.method=test.Text/UNARY", "=PERMISSION_DENIED", "enduser.id=ada")
        .doesNotContain("marker");
  }

  private void serve(String lines) throws Exception {
    serve(lines, null);
  }

  private void serve(String lines, @Nullable Secrets shared, String... open) throws Exception {
    file.write(lines);
    var named = Secrets.ofClientsInFile("clients", file.path(), this::now);
    guard =
        Guard.builder(shared == null ? named : named.and(shared))
            .openServices(open)
            .events(events)
            .build();
    var service = new TextService(this::answer);
    var server = InProcessGrpc.builder().addService(ServerInterceptors.intercept(service, handled));
    grpc = new InProcessGrpc(guard.around(server).intercept(caller));
  }

  private void answer(String text, StreamObserver<String> responses) {
    Client client = Client.KEY.get();
    responses.onNext(client == null ? "nobody" : client.name());
    responses.onCompleted();
  }

  private Instant now() {
    return now;
  }

  private String answer(MethodType kind, String secret) {
    return String.join(" ", call(kind, headers(secret)).allMessages());
  }

  private Code code(String secret) {
    return call(MethodType.UNARY, headers(secret)).status().getCode();
  }

  private TestCall<String, String> open(String secret) {
    var method = TextService.method(MethodType.BIDI_STREAMING);
    return TestCall.open(channel(), method, CallOptions.DEFAULT, headers(secret)).take(1);
  }

  private TestCall<String, String> call(MethodType kind, Metadata headers) {
    return call(TextService.method(kind), headers);
  }

  private TestCall<String, String> call(MethodDescriptor<String, String> method, Metadata headers) {
    return TestCall.send(channel(), method, headers, "Ada");
  }

  private Channel channel() {
    return Objects.requireNonNull(grpc).channel();
  }

  private static String hashed(String secret) {
    return "sha256:" + Credentials.digest(secret);
  }

  private static Metadata headers(String secret) {
    var headers = new Metadata();
    headers.put(HEADER, secret);
    return headers;
  }
}
