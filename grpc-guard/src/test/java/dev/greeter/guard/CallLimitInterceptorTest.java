package dev.greeter.guard;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ch.qos.logback.classic.spi.ThrowableProxy;
import dev.greeter.guard.fixture.CallRecorder;
import dev.greeter.guard.fixture.Caller;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.ManualTimer;
import dev.greeter.guard.fixture.RecordingEvents;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests how many calls can be open, and how calls end if their handlers fail. */
class CallLimitInterceptorTest {

  private static final String STOPPING = "The service is stopping: call again";

  /** A limit that a new call has already exceeded. */
  private static final Duration AT_ONCE = Duration.ZERO;

  private static final Metadata DETAIL = TestCall.headers("detail", "of the handler");

  @RegisterExtension private final LogCapture log = new LogCapture();

  private final CallRecorder calls = new CallRecorder();
  private final RecordingEvents events = new RecordingEvents();
  private final Queue<StreamObserver<String>> unanswered = new ArrayDeque<>();
  private final AtomicBoolean accepted = new AtomicBoolean(true);
  private final ManualTimer timer = new ManualTimer();
  private final Caller caller = new Caller();
  private Peer peer = comeFrom("192.0.2.1");
  private @Nullable ServerCall<?, String> handled;
  private BiConsumer<String, StreamObserver<String>> handler =
      (text, responses) -> unanswered.add(responses);

  private final Guard.Builder settings =
      Guard.builder(Secrets.of("42"))
          .maxCalls(4, 2)
          .maxOpenServiceCalls(3, 2)
          .callIdle(Duration.ofDays(1))
          .openServiceCallTimes(Duration.ofDays(1), Duration.ofDays(1))
          .failures(CallLimitInterceptorTest::statusOf)
          .events(events);
  private final CallLimitInterceptor limits = new CallLimitInterceptor(settings);

  @AutoClose
  private final InProcessGrpc grpc =
      new InProcessGrpc(
          new TextService((text, responses) -> handler.accept(text, responses)),
          calls,
          caller,
          limits,
          new ServerInterceptor() {
            @Override
            @SuppressWarnings("unchecked")
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
              handled = (ServerCall<?, String>) call;
              return next.startCall(call, headers);
            }
          });

  CallLimitInterceptorTest() {
    limits.start(timer.executor());
  }

  /** Calls that passed the check. */
  @Nested
  class Guarded {

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
    void endsIdleCalls(MethodType kind) {
      var call = grpc.open(kind);
      timer.run();
      assertThat(requireNonNull(handled).isCancelled()).isFalse();

      settings.callIdle = AT_ONCE;
      timer.run();
      assertEnd(call, Code.ABORTED, "No message came for 0 s: call again");
      assertThat(events.events()).containsExactly("IDLE");
      assertThat(handled.isCancelled()).as("what the handler sees").isTrue();
      handled.sendHeaders(new Metadata());
      handled.sendMessage("too late");
      handled.close(Status.OK, new Metadata());
      assertThat(calls.events()).contains("complete").doesNotContain("answer", "close OK");
    }

    @Test
    void endsIdleCallsEvenIfEventListenerThrows() {
      settings.events =
          new GuardEvents() {
            @Override
            public void refused(Refusal reason, ServerCall<?, ?> call, @Nullable Client client) {
              throw new IllegalStateException("of the listener");
            }
          };
      settings.callIdle = AT_ONCE;
      var idle = List.of(grpc.open(MethodType.UNARY), grpc.open(MethodType.UNARY));
      timer.run();
      timer.run();
      assertThat(idle).extracting(TestCall::code).containsOnly(Code.ABORTED);
      assertThat(log.warnings()).containsOnly("Calls could not be checked for their limits");
    }

    /** Includes a push: a subscribed client without a half-close only receives. */
    @Test
    void measuresIdleTimeSinceLastDeliveredMessage() {
      var method = TextService.method(MethodType.BIDI_STREAMING);
      var call = TestCall.open(grpc.channel(), method, CallOptions.DEFAULT, new Metadata());
      assertThat(endsIdleTime(() -> call.send("Ada"))).isTrue();
      ServerCall<?, String> push = requireNonNull(handled);
      push.sendHeaders(new Metadata());
      assertThat(endsIdleTime(() -> push.sendMessage("Hello?"))).isFalse();
      call.take(3);
      assertThat(endsIdleTime(() -> push.sendMessage("Hello"))).isTrue();
    }

    private boolean endsIdleTime(Runnable message) {
      long before = System.nanoTime();
      message.run();
      long now = System.nanoTime();
      return ((GuardedCall<?, ?>) requireNonNull(handled)).idleNanos(now) <= now - before;
    }

    @Test
    void doesNotEndCallsAwaitingHandler() {
      var call = watch();
      settings.callIdle = AT_ONCE;
      timer.run();
      assertAnswered(call);
    }

    @ParameterizedTest
    @CsvSource({
      "UNARY, false, OK",
      "CLIENT_STREAMING, false, UNAVAILABLE",
      "CLIENT_STREAMING, true, OK",
      "SERVER_STREAMING, true, UNAVAILABLE",
      "BIDI_STREAMING, false, UNAVAILABLE",
    })
    void endsLongLivedCallsOnStop(MethodType kind, boolean complete, Code code) {
      var old = complete ? grpc.send(kind) : grpc.open(kind).send("Ada");
      limits.stop();
      if (code == Code.OK) {
        assertAnswered(complete ? old : old.halfClose());
      } else {
        assertEnd(old, code, STOPPING);
        assertEnd(grpc.open(kind).send("Ada"), code, STOPPING);
        assertThat(events.events()).containsExactly("STOPPING", "STOPPING");
      }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
    void endsOnlyCallsOfRevokedClient(MethodType kind) {
      caller.as("ada", accepted::get);
      var revoked = grpc.send(kind);
      caller.as("bob", () -> true);
      var goesOn = grpc.send(kind);

      accepted.set(false);
      timer.run();
      assertEnd(revoked, Code.UNAUTHENTICATED, "The secret of this call is no longer accepted");
      assertThat(events.events()).containsExactly("SECRET_REVOKED ada");
      assertAnswered(goesOn);
    }

    @Test
    void reauthenticatesConnectionWithRemainingCalls() {
      caller.as("ada", () -> true);
      watch();
      peer.authenticate(() -> false);
      peer.recheck();
      assertThat(peer.isAuthenticated()).isFalse();
      timer.run();
      assertThat(peer.isAuthenticated()).isTrue();
    }

    @Test
    void limitsCallsPerAddressAndInTotal() {
      var first = watch();
      comeFrom("192.0.2.1");
      watch();
      assertThat(limits.open()).isEqualTo(2);
      assertEnd(watch(), Code.RESOURCE_EXHAUSTED, "Too many concurrent calls: call again");
      assertThat(events.events()).containsExactly("CONCURRENT_CALLS");

      first.cancel();
      watch();
      comeFrom("192.0.2.2");
      watch();
      var last = watch();
      comeFrom("192.0.2.3");
      assertThat(watch().code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      assertAnswered(last);
      assertThat(limits.open()).isZero();
    }

    @Test
    void releasesCounterWithConnectionsOfAddress() {
      watch();
      var counter = new WeakReference<>(callsOfAddress());
      comeFrom("192.0.2.1");
      assertAnswered(watch());
      assertThat(counter.refersTo(callsOfAddress())).as("shared").isTrue();

      comeFrom("192.0.2.2");
      watch();
      Awaitility.await()
          .until(
              () -> {
                System.gc();
                return counter.refersTo(null);
              });
    }

    private AtomicInteger callsOfAddress() {
      return requireNonNull(((GuardedCall<?, ?>) requireNonNull(handled)).peer.callsOfAddress);
    }

    @Test
    void limitsCallsPerClientBehindProxy() {
      var proxy = proxy();
      comeThrough(proxy, "203.0.113.1");
      watch();
      var last = watch();
      assertThat(watch().code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      comeThrough(proxy, "203.0.113.2");
      watch();
      comeFrom("203.0.113.1");
      assertThat(watch().code()).as("the same client").isEqualTo(Code.RESOURCE_EXHAUSTED);
      assertAnswered(last);
      assertThat(limits.open()).isZero();
    }

    /** gRPC forgets a call if more headers arrive on its stream. */
    @Test
    void releasesCallsOfEndedConnection() {
      watch();
      peer.leave();
      timer.run();
      assertThat(limits.open()).isZero();
    }
  }

  /** Calls of unauthenticated peers to an open service. */
  @Nested
  class Unauthenticated {

    @BeforeEach
    void openTheService() {
      settings.openServices(TextService.NAME);
    }

    @Test
    void evictsOldestCallOfAddress() {
      var oldest = watch();
      var second = watch();
      assertAnswered(watch());

      assertEnd(oldest, Code.RESOURCE_EXHAUSTED, "Too many concurrent calls: call again");
      assertThat(events.events()).containsExactly("CONCURRENT_CALLS");
      assertThat(second.code()).isEqualTo(Code.OK);
    }

    /** A probe is not evicted by Watches that arrive before its request is complete. */
    @Test
    void evictsIncompleteRequestsLast() {
      var probe = grpc.open(MethodType.SERVER_STREAMING);
      var watch = watch();
      watch();
      assertThat(watch.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      assertAnswered(probe.send("Ada").halfClose());
    }

    @Test
    void releasesEndedCalls() {
      for (int i = 0; i < 5; i++) {
        var call = watch();
        assertThat(peer.idleNanos(System.nanoTime())).isZero();
        assertAnswered(call);
        assertThat(peer.idleNanos(System.nanoTime())).isPositive();
      }
    }

    /** Such as a client that watches health before it calls. */
    @Test
    void keepsCallsOfAuthenticatedConnectionUntilStop() {
      var old = watch();
      peer.authenticate(() -> true);
      watch();
      watch();
      settings.openServiceCallIdle = AT_ONCE;
      settings.openServiceCallDuration = AT_ONCE;
      timer.run();
      assertThat(limits.open()).isEqualTo(3);
      limits.stop();
      assertEnd(old, Code.UNAVAILABLE, STOPPING);
      assertThat(limits.open()).isZero();
    }

    /** Otherwise each connection could hold them beyond the limits. */
    @Test
    void limitsIncompleteRequestsOfAuthenticatedConnections() {
      var oldest = grpc.open(MethodType.UNARY);
      var second = grpc.open(MethodType.UNARY);
      peer.authenticate(() -> true);
      comeFrom("192.0.2.1");
      grpc.open(MethodType.UNARY);
      assertThat(oldest.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);

      settings.openServiceCallIdle = AT_ONCE;
      timer.run();
      assertThat(second.code()).isEqualTo(Code.ABORTED);
    }

    /** A proxy's connection may carry calls of others besides a client with the secret. */
    @Test
    void limitsCallsPerClientBehindAuthenticatedProxy() {
      var proxy = proxy();
      proxy.authenticate(() -> true);
      comeThrough(proxy, "203.0.113.1");
      var oldest = watch();
      var second = watch();
      comeThrough(proxy, "203.0.113.2");
      var other = watch();
      assertThat(limits.open()).isEqualTo(3);
      comeThrough(proxy, "203.0.113.1");
      watch();
      assertThat(oldest.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      watch();
      assertThat(second.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);

      settings.openServiceCallDuration = AT_ONCE;
      timer.run();
      assertThat(other.code()).isEqualTo(Code.ABORTED);
      assertThat(proxy.isAuthenticated()).isTrue();
    }

    @Test
    void limitsCallsAgainAfterSecretIsRevoked() {
      var old = watch();
      peer.authenticate(accepted::get);
      var later = watch();
      accepted.set(false);
      timer.run();
      assertThat(later.code()).as("with the secret").isEqualTo(Code.UNAUTHENTICATED);

      watch();
      watch();
      assertThat(old.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    }

    @Test
    void endsIncompleteAndOverlongCalls() {
      var watch = watch();
      var incomplete = grpc.open(MethodType.UNARY);
      settings.openServiceCallIdle = AT_ONCE;
      timer.run();
      assertEnd(incomplete, Code.ABORTED, "No message came for 0 s: call again");
      assertThat(limits.open()).as("the other goes on").isOne();

      settings.openServiceCallDuration = AT_ONCE;
      timer.run();
      assertEnd(watch, Code.ABORTED, "The call has lasted 0 s: call again");
      assertThat(events.events()).containsExactly("IDLE", "DURATION");
    }

    @Test
    void endsAllCallsOnStop() {
      var running = List.of(watch(), grpc.open(MethodType.UNARY));
      limits.stop();
      assertThat(running).extracting(TestCall::code).containsOnly(Code.UNAVAILABLE);
    }
  }

  /** Calls whose handler fails. */
  @Nested
  class Failing {

    private final List<String> seen = new ArrayList<>();
    private boolean failsAtOnce;
    private @Nullable ServerCallStreamObserver<String> responses;

    /** The handler reads on demand, echoes what it reads, and throws for some of it. */
    @AutoClose
    private final InProcessGrpc streams =
        new InProcessGrpc(
            () ->
                ServerServiceDefinition.builder(TextService.NAME)
                    .addMethod(
                        TextService.method(MethodType.BIDI_STREAMING),
                        ServerCalls.asyncBidiStreamingCall(this::talk))
                    .build(),
            calls,
            limits);

    static Stream<Arguments> failures() {
      Status notFound = Status.NOT_FOUND.withDescription("No such name");
      Status unknown = Status.UNKNOWN.withDescription("Nothing is known");
      Status internal = Status.INTERNAL.withDescription("Internal error");
      Status notNumber = Status.INVALID_ARGUMENT.withDescription("Not a number");
      var cause = new IOException("of the database");
      return Stream.of(
          arguments(notFound.asRuntimeException(DETAIL), notFound, true, 0),
          arguments(notFound.asException(DETAIL), notFound, true, 0),
          arguments(notFound.asException(), notFound, false, 0),
          arguments(unknown.withCause(cause).asException(DETAIL), unknown, true, 0),
          arguments(Status.UNKNOWN.asRuntimeException(DETAIL), Status.UNKNOWN, true, 0),
          arguments(new IllegalStateException("password"), internal, false, 2),
          arguments(new AssertionError("password"), internal, false, 2),
          arguments(new ArithmeticException("password"), internal, false, 2),
          arguments(new NumberFormatException("password"), notNumber, false, 0));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void propagatesHandlerStatusAndLogsOtherFailures(
        Throwable failure, Status expected, boolean withTrailers, int logged) {
      handler = (text, responses) -> CallLimitInterceptorTest.<RuntimeException>raise(failure);
      assertEnds(expected, withTrailers);
      handler = (text, responses) -> responses.onError(failure);
      assertEnds(expected, withTrailers);

      assertThat(log.problems())
          .hasSize(logged * 4)
          .extracting(event -> ((ThrowableProxy) event.getThrowableProxy()).getThrowable())
          .allMatch(failure::equals);
    }

    /** The status may be another service's. */
    @Test
    void ignoresStatusOfCause() {
      handler =
          (text, responses) -> {
            throw new IllegalStateException(Status.OK.asRuntimeException(DETAIL));
          };
      assertEnds(Status.INTERNAL.withDescription("Internal error"), false);
    }

    private void assertEnds(Status expected, boolean withTrailers) {
      for (MethodType kind : MethodType.values()) {
        if (kind != MethodType.UNKNOWN) {
          var call = grpc.send(kind);
          assertThat(call.code()).isEqualTo(expected.getCode());
          assertThat(call.status().getDescription()).isEqualTo(expected.getDescription());
          assertThat(call.trailers().keys().contains("detail")).isEqualTo(withTrailers);
        }
      }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
    void logsFailureAfterEndWithoutClosingTwice(MethodType kind) {
      handler =
          (text, responses) -> {
            responses.onNext(text);
            responses.onCompleted();
            throw new IllegalStateException("after the end");
          };
      var call = grpc.send(kind);
      assertThat(call.code()).isEqualTo(Code.OK);
      assertThat(call.messages()).containsExactly("Ada");
      assertThat(calls.events()).containsOnlyOnce("close OK").doesNotContain("close INTERNAL");
      assertThat(log.problems()).hasSize(1);
    }

    @Test
    void deliversNothingButCloseAfterRejectedMessage() {
      var call = stream("good", "bad", "late").halfClose();
      takeAll().onCompleted();

      assertThat(call.code()).isEqualTo(Code.INVALID_ARGUMENT);
      assertThat(call.status().getDescription()).isEqualTo("bad is refused");
      assertThat(call.messages()).containsExactly("good");
      assertThat(seen).containsExactly("good", "bad", "closed");
      assertThat(calls.events())
          .containsOnlyOnce("close INVALID_ARGUMENT", "half-close", "complete")
          .doesNotContain("close OK");
      assertThat(log.problems()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
      "answered and broken, INTERNAL, 1",
      "ended and broken, OK, 1",
      "ended and bad, OK, 0",
      "good, CANCELLED, 0"
    })
    void logsNonStatusFailuresOnce(String message, Code code, int logged) {
      var call = stream(message);
      takeAll();
      call.cancel();

      assertThat(call.code()).isEqualTo(code);
      assertThat(log.problems()).hasSize(logged);
      assertThat(seen.contains("cancelled")).isEqualTo(code == Code.CANCELLED);
    }

    @Test
    void endsWithStatusOfHandlerFailingOnStart() {
      failsAtOnce = true;
      var call = stream();
      assertThat(call.code()).isEqualTo(Code.INVALID_ARGUMENT);
      assertThat(call.status().getDescription()).isEqualTo("nothing is accepted");
    }

    private TestCall<String, String> stream(String... messages) {
      var call = streams.open(MethodType.BIDI_STREAMING);
      for (String message : messages) {
        call.send(message);
      }
      return call;
    }

    private ServerCallStreamObserver<String> takeAll() {
      requireNonNull(responses).request(10);
      return requireNonNull(responses);
    }

    private StreamObserver<String> talk(StreamObserver<String> observer) {
      if (failsAtOnce) {
        throw refusal("nothing is accepted");
      }
      responses = (ServerCallStreamObserver<String>) observer;
      responses.disableAutoRequest();
      responses.setOnCloseHandler(() -> seen.add("closed"));
      return new StreamObserver<>() {
        @Override
        public void onNext(String request) {
          seen.add(request);
          var failure = new IllegalStateException("broken");
          if (request.startsWith("ended")) {
            observer.onCompleted();
          } else if (request.startsWith("answered")) {
            observer.onError(failure);
          } else if (request.equals("good")) {
            observer.onNext(request);
          }
          if (request.endsWith("bad")) {
            throw refusal("bad is refused");
          } else if (request.endsWith("broken")) {
            throw failure;
          }
        }

        @Override
        public void onError(Throwable cancelled) {
          seen.add("cancelled");
        }

        @Override
        public void onCompleted() {
          seen.add("completed");
        }
      };
    }

    private static StatusRuntimeException refusal(String text) {
      return Status.INVALID_ARGUMENT.withDescription(text).asRuntimeException();
    }
  }

  private Peer comeFrom(String address) {
    peer = new Peer(new InetSocketAddress(address, 1234));
    caller.over(peer);
    return peer;
  }

  /** Makes calls arrive from a client over a proxy's connection. */
  private void comeThrough(Peer proxy, String client) {
    caller.from(client).over(proxy);
  }

  private static Peer proxy() {
    return new Peer(new InetSocketAddress("10.0.0.1", 1234), true);
  }

  /** Starts a call whose request is complete and whose answer is pending. */
  private TestCall<String, String> watch() {
    return grpc.send(MethodType.SERVER_STREAMING);
  }

  /** Lets all handlers answer, one of them to a call. */
  private void assertAnswered(TestCall<String, String> call) {
    for (StreamObserver<String> responses; (responses = unanswered.poll()) != null; ) {
      if (!((ServerCallStreamObserver<String>) responses).isCancelled()) {
        responses.onNext("Hello");
        responses.onCompleted();
      }
    }
    assertThat(call.allMessages()).containsExactly("Hello");
    assertThat(call.code()).isEqualTo(Code.OK);
  }

  private static void assertEnd(TestCall<?, ?> call, Code code, String description) {
    assertThat(call.code()).isEqualTo(code);
    assertThat(call.status().getDescription()).isEqualTo(description);
  }

  private static @Nullable Status statusOf(Throwable failure) {
    if (failure instanceof ArithmeticException) {
      throw new NullPointerException("of the function");
    }
    return failure instanceof NumberFormatException
        ? Status.INVALID_ARGUMENT.withDescription("Not a number")
        : null;
  }

  /** Throws an undeclared checked exception, as a handler in Kotlin may. */
  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void raise(Throwable failure) throws T {
    throw (T) failure;
  }
}
