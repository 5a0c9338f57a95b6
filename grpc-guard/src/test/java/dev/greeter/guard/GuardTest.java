package dev.greeter.guard;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.spi.ILoggingEvent;
import com.google.protobuf.StringValue;
import dev.greeter.guard.fixture.Answering;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.RecordingEvents;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import dev.greeter.guard.fixture.WithAttribute;
import dev.greeter.guard.setting.InvalidSettingException;
import io.grpc.BindableService;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
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
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** All parts together, around services that know nothing of them. */
class GuardTest {

  private static final MethodDescriptor<String, String> UNARY =
      TextService.method(MethodType.UNARY);
  private static final MethodDescriptor<StringValue, StringValue> WATCH =
      MethodDescriptor.<StringValue, StringValue>newBuilder()
          .setType(MethodType.SERVER_STREAMING)
          .setFullMethodName("test.Values/Watch")
          .setRequestMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
          .build();

  @RegisterExtension private final LogCapture log = new LogCapture();

  private final CompletableFuture<Void> cancelled = new CompletableFuture<>();
  private final RecordingEvents events = new RecordingEvents();
  private final Guard.Builder settings =
      Guard.builder(Secrets.ofClients(Map.of("ada", "marker-ada")).and(Secrets.of("marker-secret")))
          .callsPerSecondOfClient(1)
          .burst(1)
          .failedAuthenticationsPerMinute(3)
          .callIdle(Duration.ofMinutes(5))
          .events(events);
  private final InProcessServerBuilder server =
      InProcessGrpc.builder().addService(TextService.echo()).addService(new Values());
  private @Nullable Guard guard;
  private @Nullable InProcessGrpc grpc;

  @AfterEach
  void stop() throws InterruptedException {
    if (grpc != null) {
      grpc.close();
    }
    if (guard != null) {
      guard.close();
    }
  }

  @Test
  void letsCallsThroughThatCarryTheSecret() {
    start();
    var call = call(UNARY, "marker-secret");
    assertThat(call.allMessages()).containsExactly("Ada");
    assertThat(call.status().getCode()).isEqualTo(Code.OK);
  }

  @Test
  void refusesOthersWhetherTheMethodExistsOrNot() {
    start();
    var unknown = TextService.method(MethodType.UNARY, "test.Text/Unknown");
    for (var method : List.of(UNARY, unknown)) {
      var call = call(method, "guess");
      assertThat(call.status().getCode()).isEqualTo(Code.UNAUTHENTICATED);
      assertThat(call.status().getDescription()).isEqualTo("Access denied!");
    }
    assertThat(code(unknown, "marker-secret")).isEqualTo(Code.UNIMPLEMENTED);
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
  void letsCallsToOpenServicesThroughAndNoOthers(String open, Code code) {
    settings.openServices("test.Other", open);
    start();
    assertThat(code(UNARY, "guess")).isEqualTo(code);
  }

  @Test
  void refusesAnAddressThatGuessesTooOften() {
    start(WithAttribute.from(() -> "192.0.2.1"));
    for (int i = 0; i < 3; i++) {
      assertThat(code(UNARY, "guess")).isEqualTo(Code.UNAUTHENTICATED);
    }
    assertThat(code(UNARY, "guess")).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(code(UNARY, "marker-secret")).isEqualTo(Code.RESOURCE_EXHAUSTED);
  }

  /** One of them could lock all the others out. */
  @Test
  void limitsNoGuessesOfCallersWithoutAnAddress() {
    start();
    for (int i = 0; i < 20; i++) {
      assertThat(code(UNARY, "guess")).isEqualTo(Code.UNAUTHENTICATED);
    }
    assertThat(code(UNARY, "marker-secret")).isEqualTo(Code.OK);
  }

  @Test
  void countsNoStatusOfAHandlerAsAGuess() {
    start(WithAttribute.from(() -> "192.0.2.1"));
    for (int i = 0; i < 20; i++) {
      var call = watch("log in again", "marker-secret");
      assertThat(call.status().getCode()).isEqualTo(Code.UNAUTHENTICATED);
      assertThat(call.status().getDescription()).isEqualTo("log in again");
    }
    assertThat(events.events()).isEmpty();
  }

  @Test
  void refusesAClientThatCallsTooOftenAndNoOtherCaller() {
    start();
    assertThat(Stream.generate(() -> code(UNARY, "marker-ada")).limit(1_000))
        .contains(Code.OK, Code.RESOURCE_EXHAUSTED);
    assertThat(Stream.generate(() -> code(UNARY, "marker-secret")).limit(1_000))
        .containsOnly(Code.OK);
  }

  @Test
  void logsHowACallEndsForItsCaller() {
    start();
    assertThat(watch("fail", "marker-secret").status().getCode()).isEqualTo(Code.INTERNAL);

    assertThat(log.of("dev.greeter.guard.AccessLog"))
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .asString()
        .contains("rpc.response.status_code=INTERNAL")
        .doesNotContain("marker");
  }

  @Test
  void saysInOneLineAtItsStartWhatHolds() {
    start();
    assertThat(log.of(Guard.class.getName()))
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .asString()
        .isEqualTo(
            "Guarded by secrets of clients that do not change and a secret that does not change;"
                + " open: [grpc.health.v1.Health], 0 others; an address: unlimited calls/s, 3"
                + " refused secrets/min, 800 calls at once; a client: 1 calls/s; calls end when"
                + " idle for 300 s");
  }

  /** As validation does. */
  @Test
  void showsMessagesInTheirOwnTypeToInterceptorsInside() {
    List<Object> seen = new ArrayList<>();
    var inside =
        new ServerInterceptor() {
          @Override
          public <Q, R> ServerCall.Listener<Q> interceptCall(
              ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
              @Override
              public void onMessage(Q message) {
                seen.add(message);
                super.onMessage(message);
              }
            };
          }
        };
    server.addService(ServerInterceptors.intercept(new Values(), inside));
    start();
    watch("complete", "marker-secret").status();
    assertThat(seen).containsExactly(StringValue.of("complete"));
  }

  /** gRPC runs calls on one of two executors, and each has a log of its own. */
  @ParameterizedTest
  @CsvSource({"true, guess", "false, guess", "true, marker-secret", "false, marker-secret"})
  void leavesNoLineOfARequestThatIsMalformed(boolean direct, String secret) {
    settings.openServices(secret.equals("guess") ? "test.Values" : "test.Other");
    if (!direct) {
      server.executor(Runnable::run);
    }
    start();
    var raw = TextService.method(MethodType.SERVER_STREAMING, WATCH.getFullMethodName());
    assertThat(code(raw, secret)).isEqualTo(Code.UNKNOWN);
    assertThat(log.problems()).isEmpty();
  }

  @Test
  void leavesTheLineOfWhatAnInterceptorThrows() {
    start(
        new ServerInterceptor() {
          @Override
          public <Q, R> ServerCall.Listener<Q> interceptCall(
              ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            throw new IllegalStateException("of an interceptor outside");
          }
        });
    assertThat(code(UNARY, "marker-secret")).isNotEqualTo(Code.OK);
    assertThat(log.problems()).hasSize(1);
  }

  @Test
  void endsAnOpenStreamForBothSidesWhenItDrains() {
    start();
    var watch = watch("Ada", "marker-secret");
    assertThat(watch.messages()).hasSize(1);

    requireNonNull(guard).drain();

    assertThat(watch.status().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(watch.status().getDescription()).isEqualTo("The service is stopping: call again");
    assertThat(cancelled).isCompleted();
  }

  @Test
  void endsAServerThatItStops() throws Exception {
    start();
    requireNonNull(guard).stop(requireNonNull(grpc).server(), Duration.ofSeconds(30));
    assertThat(grpc.server().isTerminated()).isTrue();
  }

  @Test
  void isAroundOneServerOnly() {
    start();
    assertThatThrownBy(() -> requireNonNull(guard).around(InProcessGrpc.builder()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("This guard is around a server already: build one for each server");
  }

  @Test
  void asksTheFallbackRegistryOfItsUserBehindTheCheck() {
    var other = fallback("test.Fallback/Call");
    start();
    assertThat(call(other, "marker-secret").allMessages()).containsExactly("from the registry");
    assertThat(code(other, "guess")).isEqualTo(Code.UNAUTHENTICATED);
  }

  /** Probes come at their own pace. */
  @Test
  void leavesHealthOutOfTheLimitsOfAnAddress() {
    var health = fallback("grpc.health.v1.Health/Check");
    settings.callsPerSecond(1);
    start(WithAttribute.from(() -> "192.0.2.1"));
    assertThat(Stream.generate(() -> code(UNARY, "marker-secret")).limit(1_000))
        .contains(Code.OK, Code.RESOURCE_EXHAUSTED);
    assertThat(Stream.generate(() -> code(health, "guess")).limit(1_000)).containsOnly(Code.OK);
  }

  @ParameterizedTest
  @CsvSource({"test.Text, OK", "test.Other, PERMISSION_DENIED"})
  void hasInterceptorsThatCallsToOpenServicesSkip(String open, Code code) {
    var refusing = new Answering(() -> Status.PERMISSION_DENIED);
    try (Guard own = settings.openServices(open).build()) {
      grpc = new InProcessGrpc(TextService.echo(), own.exceptOpenServices(refusing));
      assertThat(code(UNARY, "marker-secret")).isEqualTo(code);
    }
  }

  /** As net.devh does, which wraps each service. */
  @Test
  void hasTheSameChainForAFrameworkThatAddsInterceptorsItself() {
    Guard own = settings.build();
    var chain = List.of(own.beforeCheck(), own.check(), own.afterCheck());
    var builder =
        InProcessGrpc.builder()
            .addService(ServerInterceptors.interceptForward(TextService.echo(), chain));
    own.configure(builder, chain);
    guard = own;
    grpc = new InProcessGrpc(builder);

    var unknown = TextService.method(MethodType.UNARY, "test.Text/Unknown");
    assertThat(code(UNARY, "marker-secret")).isEqualTo(Code.OK);
    assertThat(code(UNARY, "guess")).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(code(unknown, "marker-secret")).isEqualTo(Code.UNIMPLEMENTED);
    assertThat(code(unknown, "guess")).isEqualTo(Code.UNAUTHENTICATED);
  }

  @Test
  void refusesASettingThatCannotBeUsedByItsName() {
    Map<String, Consumer<Guard.Builder>> unusable =
        Map.of(
            "callsPerSecond is", builder -> builder.callsPerSecond(-1),
            "callsPerSecondOfClient is", builder -> builder.callsPerSecondOfClient(1_000_001),
            "burst is", builder -> builder.burst(0),
            "failedAuthenticationsPerMinute is", b -> b.failedAuthenticationsPerMinute(-1),
            "maxAddresses is", builder -> builder.maxAddresses(0),
            "callIdle is", builder -> builder.callIdle(Duration.ZERO),
            "maxCallsPerAddress is", builder -> builder.maxCalls(1, 0),
            "header is", builder -> builder.header("grpc-secret"),
            "openServiceRequestBytes is", builder -> builder.openServiceRequestBytes(0),
            "accessLog.oneIn ", builder -> builder.accessLog(-1, 0, 0));
    unusable.forEach(
        (message, setting) ->
            assertThatThrownBy(() -> setting.accept(settings))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageStartingWith(message));
  }

  private void start(ServerInterceptor... outside) {
    guard = settings.build();
    guard.around(server);
    List.of(outside).forEach(server::intercept);
    grpc = new InProcessGrpc(server);
  }

  private Code code(MethodDescriptor<String, String> method, String secret) {
    return call(method, secret).status().getCode();
  }

  private TestCall<String, String> call(MethodDescriptor<String, String> method, String secret) {
    return send(method, "Ada", secret);
  }

  private TestCall<StringValue, StringValue> watch(String name, String secret) {
    return send(WATCH, StringValue.of(name), secret);
  }

  private <Q, R> TestCall<Q, R> send(MethodDescriptor<Q, R> method, Q request, String secret) {
    var headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), secret);
    return TestCall.send(requireNonNull(grpc).channel(), method, headers, request);
  }

  /** Gives the guard a registry of one method. */
  private MethodDescriptor<String, String> fallback(String fullName) {
    var method = TextService.method(MethodType.UNARY, fullName);
    var found =
        ServerMethodDefinition.create(method, ServerCalls.asyncUnaryCall(GuardTest::answer));
    settings.fallbackHandlerRegistry(
        new HandlerRegistry() {
          @Override
          public @Nullable ServerMethodDefinition<?, ?> lookupMethod(
              String name, @Nullable String authority) {
            return name.equals(fullName) ? found : null;
          }
        });
    return method;
  }

  private static void answer(String request, StreamObserver<String> responses) {
    responses.onNext("from the registry");
    responses.onCompleted();
  }

  /** Answers once and leaves the stream open, completes it, or fails. */
  private final class Values implements BindableService {

    @Override
    public ServerServiceDefinition bindService() {
      return ServerServiceDefinition.builder("test.Values")
          .addMethod(WATCH, ServerCalls.asyncServerStreamingCall(this::watch))
          .build();
    }

    private void watch(StringValue request, StreamObserver<StringValue> responses) {
      switch (request.getValue()) {
        case "fail" -> throw new IllegalStateException("marker of the inside");
        case "log in again" ->
            responses.onError(
                Status.UNAUTHENTICATED.withDescription(request.getValue()).asException());
        case "complete" -> responses.onCompleted();
        default -> {
          ((ServerCallStreamObserver<StringValue>) responses)
              .setOnCancelHandler(() -> cancelled.complete(null));
          responses.onNext(request);
        }
      }
    }
  }
}
