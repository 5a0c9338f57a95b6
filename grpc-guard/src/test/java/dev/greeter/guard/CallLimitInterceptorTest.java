package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.AsClient;
import dev.greeter.guard.fixture.CallRecorder;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.RecordingEvents;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import dev.greeter.guard.fixture.WithAttribute;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When a call is over because its client sends nothing, and when it goes on. */
@Execution(ExecutionMode.CONCURRENT)
class CallLimitInterceptorTest {

  private static final CallPolicy POLICY =
      new CallPolicy(1_000, Duration.ofSeconds(1), 2, 2, Duration.ofMinutes(1));

  private final CallRecorder calls = new CallRecorder();
  private final RecordingEvents events = new RecordingEvents();
  private final AtomicReference<StreamObserver<String>> unanswered = new AtomicReference<>();
  private final AtomicReference<ServerCall<?, ?>> handled = new AtomicReference<>();

  private final Peer peer = new Peer(new InetSocketAddress("192.0.2.1", 1234));
  private @Nullable String name;
  private boolean throwing;
  private final AsClient client = new AsClient(() -> name);

  @AutoClose("shutdownNow")
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  private final CallLimitInterceptor interceptor =
      new CallLimitInterceptor(new ServicePolicies(Set.of(), POLICY, POLICY), events);

  @AutoClose
  private final InProcessGrpc grpc =
      new InProcessGrpc(
          new TextService((text, responses) -> unanswered.set(responses)),
          calls,
          // One of its own: callers without a connection share one in the whole process.
          new WithAttribute<>(Peer.KEY, () -> peer),
          client,
          interceptor,
          new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
              if (throwing) {
                throw new IllegalStateException("of another interceptor");
              }
              handled.set(call);
              return next.startCall(call, headers);
            }
          });

  CallLimitInterceptorTest() {
    interceptor.start(timer);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
  void endsACallWithoutAMessage(MethodType kind) {
    var call = open(kind);
    assertThat(call.status().getCode()).isEqualTo(Code.ABORTED);
    assertThat(call.status().getDescription()).isEqualTo("No message came for 1 s: call again");
    assertThat(calls.events()).contains("complete");
    assertRefused("IDLE");
  }

  @Test
  void showsTheHandlerTheEndAndDropsWhatItSaysThen() {
    var call = open(MethodType.BIDI_STREAMING);
    assertThat(handled.get().isCancelled()).isFalse();
    assertThat(call.status().getCode()).isEqualTo(Code.ABORTED);
    assertThat(handled.get().isCancelled()).isTrue();
    handled.get().sendHeaders(new Metadata());
    handled.get().sendMessage(null);
    handled.get().close(Status.OK, new Metadata());
    assertThat(calls.events()).doesNotContain("answer", "close OK");
  }

  @Test
  void countsFromTheLastMessage() {
    var call = open(MethodType.BIDI_STREAMING);
    long before = System.nanoTime();
    call.send("Ada");
    assertIdleSince(before);
  }

  /** A push: the client has subscribed, without a half-close, and the server alone speaks. */
  @Test
  void countsFromTheLastMessageThatTheClientHasTaken() {
    var call = push().take(2);
    say("Hello");
    long before = System.nanoTime();
    say("Hello again");
    assertIdleSince(before);
    assertThat(call.messages()).hasSize(2);
  }

  @Test
  void endsAPushWhoseClientTakesNothing() {
    var call = push();
    Awaitility.await()
        .until(
            () -> {
              say("Hello?");
              return events.events().contains("IDLE");
            });
    assertThat(call.take(1_000).status().getCode()).isEqualTo(Code.ABORTED);
  }

  @Test
  void waitsForTheAnswerOnceTheClientHasHalfClosed() throws InterruptedException {
    var call = open(MethodType.SERVER_STREAMING).send("Ada").halfClose();
    Thread.sleep(1_500);
    unanswered.get().onNext("Hello");
    unanswered.get().onCompleted();
    assertThat(call.allMessages()).containsExactly("Hello");
    assertThat(call.status().getCode()).isEqualTo(Code.OK);
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"UNARY", "UNKNOWN"})
  void endsACallThatCouldLastWhenTheServiceStopsOldOrNew(MethodType kind) {
    var old = open(kind).send("Ada");
    Awaitility.await().until(() -> handled.get() != null);
    interceptor.stop();
    for (var call : List.of(old, open(kind).send("Bob"))) {
      assertThat(call.status().getCode()).isEqualTo(Code.UNAVAILABLE);
      assertThat(call.status().getDescription()).isEqualTo("The service is stopping: call again");
    }
  }

  /** A {@code Watch}: its request is complete, and its answers go on. */
  @Test
  void endsACallWhoseAnswersGoOnWhenTheServiceStops() {
    var call = open(MethodType.SERVER_STREAMING).send("Ada").halfClose();
    Awaitility.await().until(() -> unanswered.get() != null);
    interceptor.stop();
    assertThat(call.status().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertRefused("STOPPING");
  }

  @Test
  void letsACallOfOneRequestFinishWhenTheServiceStops() {
    var old = open(MethodType.UNARY);
    Awaitility.await().until(() -> handled.get() != null);
    interceptor.stop();
    for (var call : List.of(old, open(MethodType.UNARY))) {
      var before = unanswered.get();
      call.send("Ada").halfClose();
      Awaitility.await().until(() -> unanswered.get() != before);
      unanswered.get().onNext("Hello");
      unanswered.get().onCompleted();
      assertThat(call.status().getCode()).isEqualTo(Code.OK);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
  void endsTheCallsOfAClientWhoseSecretIsGoneAndNoOther(MethodType kind) {
    name = "ada";
    var gone = open(kind).send("Ada").halfClose();
    Awaitility.await().until(() -> unanswered.get() != null);
    name = "bob";
    var goesOn = open(kind).send("Bob").halfClose();
    Awaitility.await().until(() -> calls.events().stream().filter("message"::equals).count() == 2);

    client.revoke("ada");

    assertThat(gone.status().getCode()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(gone.status().getDescription())
        .isEqualTo("The secret of this call is no longer accepted");
    assertRefused("SECRET_REVOKED ada");
    unanswered.get().onNext("Hello");
    unanswered.get().onCompleted();
    assertThat(goesOn.status().getCode()).isEqualTo(Code.OK);
  }

  @Test
  void refusesAGuardedCallTooManyUntilAnotherHasEnded() {
    var first = open(MethodType.UNARY);
    var second = open(MethodType.UNARY);
    assertThat(interceptor.open()).isEqualTo(2);
    assertThat(open(MethodType.UNARY).status().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertRefused("CONCURRENT_CALLS");
    second.cancel();
    Awaitility.await().until(() -> calls.events().contains("cancel"));
    assertThat(answered(open(MethodType.UNARY)).getCode()).isEqualTo(Code.OK);
    assertThat(answered(first).getCode()).isEqualTo(Code.OK);
  }

  @Test
  void keepsNoPlaceForACallWhoseHandlerHasThrown() {
    throwing = true;
    for (int i = 0; i < 5; i++) {
      assertThat(open(MethodType.UNARY).status().getCode()).isEqualTo(Code.UNKNOWN);
    }
    assertThat(interceptor.open()).isZero();

    throwing = false;
    assertThat(answered(open(MethodType.UNARY)).getCode()).isEqualTo(Code.OK);
  }

  /** gRPC forgets one when more headers come on its stream. */
  @Test
  void keepsNoPlaceForACallWhoseConnectionHasEnded() {
    open(MethodType.BIDI_STREAMING);
    Awaitility.await().until(() -> interceptor.open() == 1);
    peer.leave();
    Awaitility.await().until(() -> interceptor.open() == 0);
  }

  /** As of one that all clients share, which {@link Client#KEY} says nothing of. */
  @Test
  void endsTheCallsOfAConnectionWhoseSecretIsGone() {
    var accepted = new AtomicBoolean(true);
    peer.accept(accepted::get);
    var call = open(MethodType.SERVER_STREAMING).send("Ada").halfClose();
    Awaitility.await().until(() -> unanswered.get() != null);

    accepted.set(false);

    assertThat(call.status().getCode()).isEqualTo(Code.UNAUTHENTICATED);
  }

  @Test
  void keepsAConnectionAuthenticatedForAnotherOfItsCallers() {
    name = "ada";
    open(MethodType.SERVER_STREAMING).send("Ada").halfClose();
    Awaitility.await().until(() -> unanswered.get() != null);
    peer.accept(() -> false);
    peer.recheck();
    assertThat(peer.isAccepted()).isFalse();

    Awaitility.await().until(peer::isAccepted);
  }

  private Status answered(TestCall<String, String> call) {
    var before = unanswered.get();
    call.send("Ada").halfClose();
    Awaitility.await().until(() -> unanswered.get() != before);
    unanswered.get().onNext("Hello");
    unanswered.get().onCompleted();
    return call.status();
  }

  private TestCall<String, String> push() {
    var method = TextService.method(MethodType.BIDI_STREAMING);
    var call = TestCall.open(grpc.channel(), method, CallOptions.DEFAULT, new Metadata());
    handled.get().sendHeaders(new Metadata());
    return call;
  }

  @SuppressWarnings("unchecked")
  private void say(String text) {
    ((ServerCall<?, String>) handled.get()).sendMessage(text);
  }

  /** The guard reports an end that has come from its own thread after it has closed the call. */
  private void assertRefused(String... reasons) {
    Awaitility.await().untilAsserted(() -> assertThat(events.events()).containsExactly(reasons));
  }

  private void assertIdleSince(long atLeast) {
    long now = System.nanoTime();
    assertThat(((LimitedCall<?, ?>) handled.get()).idleNanos(now))
        .isLessThanOrEqualTo(now - atLeast);
  }

  private TestCall<String, String> open(MethodType kind) {
    return TestCall.open(
            grpc.channel(), TextService.method(kind), CallOptions.DEFAULT, new Metadata())
        .take(100);
  }
}
