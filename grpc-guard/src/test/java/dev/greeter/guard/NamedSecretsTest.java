package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.greeter.guard.caller.Client;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status.Code;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whose call it is, and when a client's calls are over. */
@Timeout(60)
class NamedSecretsTest {

  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of("x-secret", Metadata.ASCII_STRING_MARSHALLER);

  @RegisterExtension private final LogCapture log = new LogCapture();

  private final List<String> told = new ArrayList<>();
  private final List<Metadata> handled = new ArrayList<>();

  @AutoClose("shutdownNow")
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  @TempDir private Path directory;
  private Instant now = Instant.parse("2026-12-01T12:00:00Z");
  private @Nullable Secrets secrets;
  private @Nullable InProcessGrpc grpc;

  @AfterEach
  void stop() throws Exception {
    if (grpc != null && secrets != null) {
      grpc.close();
      secrets.close();
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
  void tellTheHandlerWhoCalls(MethodType kind) throws Exception {
    serve("ada marker-ada\nbob " + hashed("marker-bob"));

    assertThat(answer(kind, "marker-ada")).isEqualTo("ada");
    assertThat(answer(kind, "marker-bob")).isEqualTo("bob");
    assertThat(told).containsExactly("ada", "bob");
  }

  @Test
  void tellTheHandlerNothingOfWhoHasTheSharedSecret() throws Exception {
    serve("ada marker-ada", Secrets.of("marker-shared", "marker-old"));

    assertThat(answer(MethodType.UNARY, "marker-shared")).isEqualTo("nobody");
    assertThat(answer(MethodType.UNARY, "marker-old")).isEqualTo("nobody");
    assertThat(told).containsExactly("previous");
  }

  @Test
  void sayWhoseASecretIsThatIsSharedAsWell() throws Exception {
    serve("ada marker-ada", Secrets.of("marker-ada", null));

    assertThat(answer(MethodType.UNARY, "marker-ada")).isEqualTo("ada");
  }

  @Test
  void areNotTheirDigests() throws Exception {
    serve("ada " + hashed("marker-ada"));

    assertThat(code(hashed("marker-ada"))).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(code(Credentials.digest("marker-ada").toString())).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(told).containsExactly("wrong", "wrong");
  }

  @Test
  void areTakenOutOfTheMetadata() throws Exception {
    serve("ada marker-ada");
    var headers = headers("marker-ada");
    headers.put(HEADER, "another");
    headers.put(Metadata.Key.of("x-other", Metadata.ASCII_STRING_MARSHALLER), "stays");

    call(MethodType.UNARY, headers).status();

    assertThat(handled)
        .singleElement()
        .satisfies(seen -> assertThat(seen.keys()).contains("x-other").doesNotContain("x-secret"));
  }

  @Test
  void areTakenOutOfTheMetadataOfAnOpenServiceToo() throws Exception {
    serve("ada marker-ada", null, TextService.NAME);

    assertThat(answer(MethodType.UNARY, "anything")).isEqualTo("nobody");
    assertThat(handled)
        .singleElement()
        .satisfies(seen -> assertThat(seen.keys()).doesNotContain("x-secret"));
    assertThat(told).isEmpty();
  }

  @Test
  void areSeveralOfOneClientWhileItIsChanged() throws Exception {
    serve("ada marker-new\nada marker-old");

    assertThat(answer(MethodType.UNARY, "marker-new")).isEqualTo("ada");
    assertThat(told).containsExactly("ada");
    assertThat(answer(MethodType.UNARY, "marker-old")).isEqualTo("ada");
    assertThat(told).containsExactly("ada", "previous", "ada");
    assertThat(log.problems())
        .extracting(ILoggingEvent::getFormattedMessage)
        .contains("The previous secret is still in use, by ada");
  }

  @Test
  void areRefusedOnceTheyHaveEnded() throws Exception {
    serve("ada marker-ada 2026-12-01\nbob marker-bob 2026-12-01T12:00:01Z");
    assertThat(code("marker-bob")).isEqualTo(Code.OK);

    now = Instant.parse("2026-12-01T12:00:01Z");
    assertThat(code("marker-bob")).isEqualTo(Code.UNAUTHENTICATED);
    now = Instant.parse("2026-12-01T23:59:59Z");
    assertThat(code("marker-ada")).isEqualTo(Code.OK);
    now = Instant.parse("2026-12-02T00:00:00Z");
    assertThat(code("marker-ada")).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(told).containsExactly("bob", "ended", "ada", "ended");
  }

  @Test
  void endACallThatIsOpenWhenTheyEnd() throws Exception {
    serve("ada marker-ada 2026-12-01\nbob marker-bob");
    var call = open("marker-ada");
    var other = open("marker-bob");

    now = Instant.parse("2026-12-02T00:00:00Z");

    assertThat(call.status().getCode()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(other.send("Bob").halfClose().status().getCode()).isEqualTo(Code.OK);
  }

  @Test
  @Tag("slow")
  void areRefusedSoonAfterTheirLineIsGoneAndNobodyElseNotices() throws Exception {
    serve("ada marker-ada\nbob marker-bob\nbob marker-stolen");
    var ada = open("marker-ada");
    var bob = open("marker-bob");
    var thief = open("marker-stolen");

    write("# Bob has a new secret\nbob marker-bob\n\n");

    assertThat(ada.status().getCode()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(ada.status().getDescription())
        .isEqualTo("The secret of this call is no longer accepted");
    assertThat(thief.status().getCode()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(code("marker-ada")).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(code("marker-stolen")).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(code("marker-bob")).isEqualTo(Code.OK);
    assertThat(bob.send("Bob").halfClose().status().getCode()).isEqualTo(Code.OK);
  }

  @Test
  @Tag("slow")
  void goOnCountingWhileTheFileCannotBeUsed() throws Exception {
    serve("ada marker-ada");
    var call = open("marker-ada");

    write("ada marker-ada\nbob marker-bob on-friday");

    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(log.problems())
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .anyMatch(line -> line.contains("whose line 2 ends neither on a date"))
                    .noneMatch(line -> line.contains("marker")));
    assertThat(code("marker-ada")).isEqualTo(Code.OK);
    assertThat(call.send("Ada").halfClose().status().getCode()).isEqualTo(Code.OK);
  }

  @Test
  @Tag("slow")
  void canAllBeTakenAway() throws Exception {
    serve("ada marker-ada");
    var call = open("marker-ada");

    write("# Nobody\n");

    assertThat(call.status().getCode()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(code("marker-ada")).isEqualTo(Code.UNAUTHENTICATED);
  }

  private void serve(String file) throws Exception {
    serve(file, null);
  }

  private void serve(String file, @Nullable Secrets shared, String... open) throws Exception {
    write(file);
    var named =
        Secrets.ofClientsInFile("clients", directory.resolve("clients").toString(), this::now);
    secrets = shared == null ? named : named.and(shared);
    var policies = new ServicePolicies(Set.of(open), CallPolicy.OPEN, CallPolicy.GUARDED);
    grpc =
        new InProcessGrpc(
            new TextService(
                (text, responses) -> {
                  Client client = Client.KEY.get();
                  responses.onNext(client == null ? "nobody" : client.name());
                  responses.onCompleted();
                }),
            new AuthenticationServerInterceptor("x-secret", secrets, policies, new Told()),
            new CallLimitInterceptor(policies, timer),
            new ServerInterceptor() {
              @Override
              public <Q, R> ServerCall.Listener<Q> interceptCall(
                  ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                handled.add(headers);
                return next.startCall(call, headers);
              }
            });
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
    return TestCall.send(channel(), TextService.method(kind), headers, "Ada");
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

  private void write(String content) throws Exception {
    Path other = Files.writeString(directory.resolve("new-content"), content);
    Files.move(other, directory.resolve("clients"), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Writes down what it is told. */
  private final class Told implements GuardEvents {

    @Override
    public void secretWrong() {
      told.add("wrong");
    }

    @Override
    public void secretEnded() {
      told.add("ended");
    }

    @Override
    public void previousSecretUsed() {
      told.add("previous");
    }

    @Override
    public void clientAccepted(String client) {
      told.add(client);
    }
  }
}
