package dev.greeter.guard;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.StringValue;
import dev.greeter.guard.fixture.Caller;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.RecordingEvents;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests all parts together, around independent services. */
class GuardTest {

  private static final MethodDescriptor<String, String> UNARY =
      TextService.method(MethodType.UNARY);
  private static final MethodDescriptor<String, String> UNKNOWN =
      TextService.method(MethodType.UNARY, "test.Text/Unknown");
  private static final Caller ELSEWHERE = new Caller().from("192.0.2.1");

  private static final String CLIENTS =
      """
      ada marker-ada
      bob marker-bob test.Text/UNARY test.Text
      cleo marker-cleo test.Text/Unary
      dora marker-dora test.Fallback test.Fallback/Call
      eve marker-eve test.Text test.Fallback/Other
      """;

  @TempDir private static Path directory;
  @RegisterExtension private final LogCapture log = new LogCapture();

  private final RecordingEvents events = new RecordingEvents();
  private final List<String> met = new ArrayList<>();
  private final InProcessServerBuilder server = InProcessGrpc.builder();
  private final Secrets secrets;
  private final Guard.Builder settings;
  private BiConsumer<String, StreamObserver<String>> handler = GuardTest::echo;
  private @Nullable Guard guard;
  private @Nullable InProcessGrpc grpc;

  GuardTest() throws IOException {
    Path clients = Files.writeString(directory.resolve("clients"), CLIENTS);
    secrets = Secrets.ofClientsInFile(clients.toString()).and(Secrets.of("marker-secret"));
    settings =
        Guard.builder(secrets)
            .callsPerSecondOfClient(1)
            .burst(1)
            .failedAuthenticationsPerMinute(3)
            .events(events);
    server.addService(new TextService((text, responses) -> handler.accept(text, responses)));
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (grpc != null) {
      grpc.close();
    }
    if (guard != null) {
      guard.close();
    }
    secrets.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void checksSecretBeforeMethodLookup(boolean addedByGuard) {
    start(addedByGuard);
    assertThat(call(UNARY, "marker-secret").allMessages()).containsExactly("Ada");
    assertThat(code(UNKNOWN, "marker-secret")).isEqualTo(Code.UNIMPLEMENTED);
    for (var method : List.of(UNARY, UNKNOWN)) {
      var call = call(method, "guess");
      assertThat(call.code()).isEqualTo(Code.UNAUTHENTICATED);
      assertThat(call.status().getDescription()).isEqualTo("Access denied!");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "test.Text, OK",
    "test.Tex, UNAUTHENTICATED",
    "test.Text2, UNAUTHENTICATED",
    "Text, UNAUTHENTICATED",
    "test.text, UNAUTHENTICATED",
    "test.Text/UNARY, UNAUTHENTICATED",
  })
  void opensOnlyExactlyNamedServices(String open, Code code) {
    settings.openServices("test.Other", open);
    start();
    assertThat(code(UNARY, "guess")).isEqualTo(code);
  }

  /** A caller without an address could lock out all others. */
  @ParameterizedTest
  @CsvSource({"true, RESOURCE_EXHAUSTED", "false, OK"})
  void blocksAddressAfterTooManyGuesses(boolean hasAddress, Code code) {
    start(hasAddress ? ELSEWHERE : new Caller());
    for (int i = 0; i < 3; i++) {
      assertThat(code(UNARY, "guess")).isEqualTo(Code.UNAUTHENTICATED);
    }
    assertThat(code(UNARY, "marker-secret")).isEqualTo(code);
  }

  @Test
  void limitsAndLogsClientsBehindTrustedProxy() {
    settings.trustedProxies("192.0.2.0/24");
    start(ELSEWHERE);
    for (int i = 0; i < 3; i++) {
      assertThat(code(UNARY, "guess", "198.51.100." + i + ", 203.0.113.1"))
          .isEqualTo(Code.UNAUTHENTICATED);
    }
    assertThat(code(UNARY, "marker-secret", "203.0.113.1")).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(code(UNARY, "marker-secret", "203.0.113.2")).isEqualTo(Code.OK);
    assertThat(code(UNARY, "marker-secret")).as("of the proxy itself").isEqualTo(Code.OK);
    assertThat(log.warnings()).singleElement().asString().endsWith("the latest from 203.0.113.1");
  }

  @Test
  void ignoresForwardedAddressesFromUntrustedPeers() {
    settings.trustedProxies("192.0.2.2", "198.51.100.0/24");
    start(ELSEWHERE);
    for (int i = 0; i < 3; i++) {
      assertThat(code(UNARY, "guess", "203.0.113." + i)).isEqualTo(Code.UNAUTHENTICATED);
    }
    assertThat(code(UNARY, "marker-secret", "203.0.113.9, 198.51.100.1"))
        .isEqualTo(Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void doesNotCountHandlerStatusAsGuess() {
    handler = (text, responses) -> responses.onError(Status.UNAUTHENTICATED.asException());
    start(ELSEWHERE);
    for (int i = 0; i < 20; i++) {
      assertThat(code(UNARY, "marker-secret")).isEqualTo(Code.UNAUTHENTICATED);
    }
    assertThat(events.events()).isEmpty();
  }

  /** Probes set their own pace. */
  @Test
  void exemptsHealthFromAddressLimits() {
    var health = fallback("grpc.health.v1.Health/Check");
    settings.callsPerSecond(1);
    start(ELSEWHERE);
    assertThat(Stream.generate(() -> code(UNARY, "marker-secret")).limit(100))
        .contains(Code.OK, Code.RESOURCE_EXHAUSTED);
    assertThat(Stream.generate(() -> code(health, "guess")).limit(100)).containsOnly(Code.OK);
  }

  @Test
  void limitsClientRateAfterUserInterceptors() {
    settings.behindCheck(new Noting("outer"), new Noting("inner"));
    start();
    assertThat(code(UNARY, "guess")).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(met).isEmpty();

    assertThat(Stream.generate(() -> code(UNARY, "marker-ada")).limit(100))
        .contains(Code.OK, Code.RESOURCE_EXHAUSTED);
    assertThat(met)
        .hasSize(200)
        .startsWith("outer ada, 0 open", "inner ada, 0 open")
        .containsOnly("outer ada, 0 open", "inner ada, 0 open");
    assertThat(Stream.generate(() -> code(UNARY, "marker-secret")).limit(100))
        .containsOnly(Code.OK);
    assertThat(code(UNKNOWN, "marker-secret")).isEqualTo(Code.UNIMPLEMENTED);
    assertThat(met).hasSize(402).endsWith("outer, 0 open", "inner, 0 open");
  }

  @Test
  void skipsInterceptorsBehindCheckForOpenServices() {
    settings.openServices(TextService.NAME).behindCheck(new Noting("outer"));
    start();
    assertThat(List.of(code(UNARY, "marker-secret"), code(UNARY, "guess"))).containsOnly(Code.OK);
    assertThat(met).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void checksSecretBeforeFallbackRegistry(boolean addedByGuard) {
    var other = fallback("test.Fallback/Call");
    start(addedByGuard);
    assertThat(code(other, "marker-secret")).isEqualTo(Code.OK);
    assertThat(code(other, "guess")).isEqualTo(Code.UNAUTHENTICATED);
  }

  @Test
  void warnsAboutUnknownPermissionsByLineNumber() {
    var unused = fallback("test.Fallback/Call");
    start();
    requireNonNull(guard).checkPermissions(requireNonNull(grpc).server().getServices());
    assertThat(log.warnings())
        .containsExactly(
            "The clients' file permits names unknown to this server (2): line 3, line 5");
  }

  @Test
  void logsStatusAndClientOfEachCall() {
    handler =
        (text, responses) -> {
          throw new IllegalStateException("marker of the inside");
        };
    start();
    assertThat(code(UNARY, "marker-ada")).isEqualTo(Code.INTERNAL);
    assertThat(code(UNARY, "guess")).isEqualTo(Code.UNAUTHENTICATED);

    List<String> lines =
        log.of("dev.greeter.guard.AccessLog").stream().map(Object::toString).toList();
    assertThat(lines).hasSize(2).noneMatch(line -> line.contains("marker"));
    assertThat(lines.get(0)).contains("status_code=INTERNAL", "enduser.id=ada");
    assertThat(lines.get(1)).contains("status_code=UNAUTHENTICATED").doesNotContain("enduser");
  }

  @Test
  void protectsOnlyOneServerAndLogsSettingsOnce() {
    start();
    assertThatThrownBy(() -> requireNonNull(guard).around(InProcessGrpc.builder()))
        .hasMessage("This guard already protects a server: build one for each server");
    assertThat(log.of(Guard.class.getName()))
        .singleElement()
        .asString()
        .matches(
            "\\[INFO] Guarded by .* and .*; open: \\[grpc.health.v1.Health], 0 others; an address:"
                + " unlimited calls/s, 3 refused secrets/min, 800 calls at once; a client: 1"
                + " calls/s; calls end when idle for 300 s")
        .doesNotContain("marker");
  }

  /** gRPC runs calls on one of two executors, each with its own log. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void doesNotLogMalformedRequests(boolean direct) {
    settings.openServices("test.Values");
    var method =
        MethodDescriptor.<StringValue, String>newBuilder()
            .setType(MethodType.UNARY)
            .setFullMethodName("test.Values/Call")
            .setRequestMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
            .setResponseMarshaller(UNARY.getResponseMarshaller())
            .build();
    server.addService(
        ServerServiceDefinition.builder("test.Values")
            .addMethod(method, ServerCalls.asyncUnaryCall((value, responses) -> {}))
            .build());
    if (!direct) {
      server.executor(Runnable::run);
    }
    start();
    var raw = TextService.method(MethodType.UNARY, method.getFullMethodName());
    assertThat(code(raw, "guess")).isEqualTo(Code.UNKNOWN);
    assertThat(log.problems()).isEmpty();
  }

  @Test
  void keepsRejectedCallsAndHealthOffExecutor() {
    var runs = new AtomicInteger();
    settings
        .openServices("test.Open", "grpc.health.v1.Health")
        .executor(
            task -> {
              runs.incrementAndGet();
              task.run();
            });
    start();
    for (String method :
        List.of("test.Text/UNARY", "test.Text/Unknown", "grpc.health.v1.Health/Check")) {
      call(TextService.method(MethodType.UNARY, method), "guess").status();
      assertThat(runs).as(method).hasValue(0);
    }
    assertThat(call(UNARY, "marker-secret").allMessages()).containsExactly("Ada");
    assertThat(runs.getAndSet(0)).isPositive();
    call(TextService.method(MethodType.UNARY, "test.Open/Unknown"), "guess").status();
    assertThat(runs).hasPositiveValue();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 16, 1, true",
    "1, 17, 1, false",
    "1, 100, 60, true",
    "1, 1000, 60, false",
    "1, 1000, 80, true",
    "1000, 16, 1, true"
  })
  void rejectsExcessivelyFragmentedMessages(int messages, int pieces, int bytes, boolean accepted) {
    assertThat(refusal(messages, pieces, bytes) == null).isEqualTo(accepted);
  }

  @ParameterizedTest
  @CsvSource({"test.Text, 1, false", "test.Tex, 1, true", "test.Text, 0, true"})
  void limitsMessageSizeForOpenServices(String open, int more, boolean accepted) {
    settings.openServices(open).openServiceRequestBytes(100);
    assertThat(refusal(3, 2, 50 + more) == null).isEqualTo(accepted);
  }

  @ParameterizedTest
  @CsvSource({
    "io.grpc.netty.NettyServerStream, true, 0",
    "io.grpc.netty.shaded.io.grpc.netty.NettyServerStream, true, 0",
    "io.grpc.netty.NettyServerStream, false, 1",
    "io.grpc.netty.NettyServerTransport.connections, false, 0",
    "io.grpc.internal.SerializingExecutor, false, 1",
  })
  void suppressesGrpcNoiseUnlessDebugging(String logger, boolean pieces, int lines) {
    var failure = pieces ? refusal(1, 17, 1) : new IllegalStateException("of gRPC itself");
    var jul = Logger.getLogger(logger);
    jul.log(Level.WARNING, "Exception in onDataRead()", failure);
    assertThat(log.problems()).hasSize(lines);

    jul.setLevel(Level.FINE);
    jul.log(Level.WARNING, "Exception in onDataRead()", failure);
    jul.setLevel(null);
    assertThat(log.problems()).as("at FINE").hasSize(lines + 1);
  }

  @ParameterizedTest
  @CsvSource({"true, UNAVAILABLE", "false, ABORTED"})
  void endsOpenCallsOnIdleTimeoutOrDrain(boolean drained, Code code) {
    settings.callIdle(drained ? Duration.ofDays(1) : Duration.ofMillis(100));
    start();
    var headers = TestCall.headers("authorization", "marker-secret");
    var call = requireNonNull(grpc).open(MethodType.BIDI_STREAMING, headers);
    if (drained) {
      assertThat(requireNonNull(guard).openCalls()).isOne();
      guard.drain();
    }
    assertThat(call.code()).isEqualTo(code);
  }

  @Test
  void namesInvalidSettingInMessage() {
    Map<String, Consumer<Guard.Builder>> unusable =
        Map.of(
            "callsPerSecond is", builder -> builder.callsPerSecond(-1),
            "callsPerSecondOfClient is", builder -> builder.callsPerSecondOfClient(1_000_001),
            "burst is", builder -> builder.burst(0),
            "failedAuthenticationsPerMinute is", b -> b.failedAuthenticationsPerMinute(-1),
            "callIdle is", builder -> builder.callIdle(Duration.ZERO),
            "maxCallsPerAddress is", builder -> builder.maxCalls(1, 0),
            "maxOpenServiceCalls is", builder -> builder.maxOpenServiceCalls(0, 1),
            "header is", builder -> builder.header("grpc-secret"),
            "openServiceRequestBytes is", builder -> builder.openServiceRequestBytes(0),
            "accessLog.oneIn ", builder -> builder.accessLog(-1, 0, 0));
    unusable.forEach(
        (message, setting) ->
            assertThatThrownBy(() -> setting.accept(settings))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageStartingWith(message));
  }

  private @Nullable Throwable refusal(int messages, int pieces, int bytes) {
    var call =
        RequestLimit.factory(settings).newServerStreamTracer("test.Text/Call", new Metadata());
    return catchThrowable(
        () -> {
          for (int message = 0; message < messages; message++) {
            call.inboundMessage(message);
            for (int piece = 0; piece < pieces; piece++) {
              call.inboundWireSize(bytes);
            }
          }
        });
  }

  private void start(ServerInterceptor... outside) {
    guard = settings.build();
    guard.around(server);
    List.of(outside).forEach(server::intercept);
    grpc = new InProcessGrpc(server);
  }

  private void start(boolean addedByGuard) {
    if (addedByGuard) {
      start();
      return;
    }
    // Like net.devh, which wraps each service.
    guard = settings.build();
    var chain = List.of(guard.beforeCheck(), guard.check(), guard.afterCheck());
    var builder = InProcessGrpc.builder();
    builder.addService(ServerInterceptors.interceptForward(TextService.echo(), chain));
    guard.configure(builder, chain);
    grpc = new InProcessGrpc(builder);
  }

  private Code code(MethodDescriptor<String, String> method, String secret) {
    return call(method, secret).code();
  }

  /** Returns how a call ends that a proxy forwards from an address. */
  private Code code(MethodDescriptor<String, String> method, String secret, String forwardedFor) {
    var headers = TestCall.headers("authorization", secret, "x-forwarded-for", forwardedFor);
    return TestCall.send(requireNonNull(grpc).channel(), method, headers, "Ada").code();
  }

  private TestCall<String, String> call(MethodDescriptor<String, String> method, String secret) {
    var headers = TestCall.headers("authorization", secret);
    return TestCall.send(requireNonNull(grpc).channel(), method, headers, "Ada");
  }

  /** Adds a registry of one method to the guard. */
  private MethodDescriptor<String, String> fallback(String fullName) {
    var method = TextService.method(MethodType.UNARY, fullName);
    var found = ServerMethodDefinition.create(method, ServerCalls.asyncUnaryCall(GuardTest::echo));
    settings.fallbackHandlerRegistry(
        new HandlerRegistry() {
          @Override
          public @Nullable ServerMethodDefinition<?, ?> lookupMethod(
              String name, @Nullable String authority) {
            return name.equals(fullName) ? found : null;
          }

          @Override
          public List<ServerServiceDefinition> getServices() {
            String service = requireNonNull(method.getServiceName());
            return List.of(ServerServiceDefinition.builder(service).addMethod(found).build());
          }
        });
    return method;
  }

  private static void echo(String request, StreamObserver<String> responses) {
    responses.onNext(request);
    responses.onCompleted();
  }

  /** Records its calls, and how many calls the guard has open. */
  private final class Noting implements ServerInterceptor {

    private final String name;

    Noting(String name) {
      this.name = name;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      Client client = Client.KEY.get();
      String from = client == null ? name : name + " " + client.name();
      met.add("%s, %d open".formatted(from, requireNonNull(guard).openCalls()));
      return next.startCall(call, headers);
    }
  }
}
