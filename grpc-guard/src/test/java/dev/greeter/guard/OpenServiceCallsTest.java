package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.RecordingEvents;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import dev.greeter.guard.fixture.WithAttribute;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What unauthenticated callers may use of an open service. */
@Execution(ExecutionMode.CONCURRENT)
class OpenServiceCallsTest {

  private static final CallPolicy OPEN =
      new CallPolicy(1_000, Duration.ofSeconds(1), 2, 3, Duration.ofSeconds(2));
  private static final CallPolicy GUARDED =
      new CallPolicy(1_000, Duration.ofMinutes(1), 100, 100, Duration.ofDays(1));

  private final Queue<StreamObserver<String>> unanswered = new ConcurrentLinkedQueue<>();
  private final RecordingEvents events = new RecordingEvents();
  private Peer peer = peer(1);

  @AutoClose("shutdownNow")
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  private final CallLimitInterceptor interceptor =
      new CallLimitInterceptor(
          new ServicePolicies(Set.of(TextService.NAME), OPEN, GUARDED), events);

  @AutoClose
  private final InProcessGrpc grpc =
      new InProcessGrpc(
          new TextService((text, responses) -> unanswered.add(responses)),
          new WithAttribute<>(Peer.KEY, () -> peer),
          interceptor);

  OpenServiceCallsTest() {
    interceptor.start(timer);
  }

  @Test
  void endTheOldestCallOfAnAddressForANewOne() {
    var oldest = watch();
    var second = watch();
    var newest = watch();

    assertThat(oldest.status().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(oldest.status().getDescription()).isEqualTo("Too many concurrent calls: call again");
    Awaitility.await().until(() -> events.events().contains("CONCURRENT_CALLS"));
    answerAll();
    assertThat(second.status().getCode()).isEqualTo(Code.OK);
    assertThat(newest.status().getCode()).isEqualTo(Code.OK);
  }

  @Test
  void leaveTheirPlaceWhenTheyEnd() {
    for (int i = 0; i < 10; i++) {
      var call = watch();
      answerAll();
      assertThat(call.status().getCode()).isEqualTo(Code.OK);
    }
    assertThat(peer.idleNanos(System.nanoTime())).isPositive();
    watch();
    assertThat(peer.idleNanos(System.nanoTime())).isZero();
  }

  @Test
  void doNotCountAsUnauthenticatedOnceTheSecretIsShown() {
    var old = watch();
    peer.accept(() -> true);
    for (int i = 0; i < 5; i++) {
      watch();
    }
    answerAll();
    assertThat(old.status().getCode()).isEqualTo(Code.OK);
  }

  /** As of a client that watches health before it calls. */
  @Test
  @Tag("slow")
  void goOnWithTheirConnectionOnceTheSecretIsShownButNotAfterAStop() throws InterruptedException {
    var watch = watch();
    peer.accept(() -> true);
    Thread.sleep(3_000);
    watch();
    interceptor.stop();
    assertThat(watch.status().getCode()).isEqualTo(Code.UNAVAILABLE);
  }

  @Test
  void countAgainOnceTheSecretOfTheirConnectionIsRevoked() {
    var accepted = new AtomicBoolean(true);
    var old = watch();
    peer.accept(accepted::get);
    var held = List.of(watch(), watch(), watch());
    accepted.set(false);

    for (var call : held) {
      assertThat(call.status().getCode()).isEqualTo(Code.UNAUTHENTICATED);
    }
    watch();
    watch();
    assertThat(old.status().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
  }

  /** A probe is not pushed out by Watches that come faster than its question is complete. */
  @Test
  void endWatchesBeforeACallWhoseRequestIsNotComplete() {
    var probe = open(MethodType.SERVER_STREAMING);
    var watches = List.of(watch(), watch());
    assertThat(watches.get(0).status().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    probe.send("Ada").halfClose();
    Awaitility.await().until(() -> unanswered.size() == 3);
    answerAll();
    assertThat(probe.status().getCode()).isEqualTo(Code.OK);
  }

  @Test
  void endWhenTheirRequestIsNotComplete() {
    assertThat(open(MethodType.UNARY).status().getCode()).isEqualTo(Code.ABORTED);
  }

  @Test
  void endWhenTheyLastTooLong() {
    var call = watch();
    assertThat(call.status().getCode()).isEqualTo(Code.ABORTED);
    assertThat(call.status().getDescription()).isEqualTo("The call has lasted 2 s: call again");
    Awaitility.await().until(() -> events.events().contains("DURATION"));
  }

  @Test
  void endWhenTheServiceStops() {
    var watch = watch();
    var incomplete = open(MethodType.UNARY);
    interceptor.stop();
    assertThat(watch.status().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(incomplete.status().getCode()).isEqualTo(Code.UNAVAILABLE);
  }

  private TestCall<String, String> watch() {
    int before = unanswered.size();
    var call = open(MethodType.SERVER_STREAMING).send("Ada").halfClose();
    Awaitility.await().until(() -> unanswered.size() > before);
    return call;
  }

  private TestCall<String, String> open(MethodType kind) {
    return TestCall.open(
            grpc.channel(), TextService.method(kind), CallOptions.DEFAULT, new Metadata())
        .take(100);
  }

  private void answerAll() {
    for (StreamObserver<String> responses; (responses = unanswered.poll()) != null; ) {
      responses.onCompleted();
    }
  }

  private static Peer peer(int host) {
    return new Peer(new InetSocketAddress("192.0.2." + host, 1234));
  }
}
