package dev.greeter.lab.benchmark;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreeterGrpc.GreeterStub;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import dev.greeter.lab.ControlClient;
import dev.greeter.lab.ServiceContainer;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The CPU time of a server's process for a call or a message of {@code Chat}: over one connection,
 * with 100 in flight, after a warm-up, alternating with other servers.
 */
final class CallBenchmark implements AutoCloseable {

  private static final int IN_FLIGHT = 100;
  private static final GreetingRequest ADA = GreetingRequest.newBuilder().setName("Ada").build();

  private final String name;
  private final ServiceContainer server;
  private final ManagedChannel channel;
  private final GreeterStub stub;
  private final @Nullable Code expected;
  private final List<Double> micros = new ArrayList<>();
  private final Semaphore free = new Semaphore(IN_FLIGHT);
  private volatile @Nullable String failure;

  /**
   * Connects to a server.
   *
   * @param expected the status of each call; null for the messages of one {@code Chat}
   */
  CallBenchmark(String name, ServiceContainer server, String secret, @Nullable Code expected) {
    this.name = name;
    this.server = server;
    this.expected = expected;
    channel = server.channel();
    stub = GreeterGrpc.newStub(channel).withInterceptors(ControlClient.secret(secret));
  }

  void measure(int seconds) {
    long before = server.cpuMillis();
    int answers = run(TimeUnit.SECONDS.toNanos(seconds));
    micros.add(1_000.0 * (server.cpuMillis() - before) / answers);
  }

  void endWarmUp() {
    micros.clear();
  }

  double median() {
    Collections.sort(micros);
    return micros.get(micros.size() / 2);
  }

  String row(CallBenchmark reference) {
    return "%-37s %6.2f us  %5.2f".formatted(name, median(), median() / reference.median());
  }

  private int run(long nanos) {
    long end = System.nanoTime() + nanos;
    StreamObserver<GreetingRequest> chat = expected == null ? stub.chat(new Answers()) : null;
    int answers = 0;
    for (; System.nanoTime() < end; answers++) {
      take(1);
      if (chat == null) {
        stub.greet(ADA, new Answers());
      } else {
        chat.onNext(ADA);
      }
    }
    take(IN_FLIGHT);
    free.release(IN_FLIGHT);
    if (chat != null) {
      chat.onCompleted();
    }
    return answers;
  }

  private void take(int count) {
    free.acquireUninterruptibly(count);
    if (failure != null) {
      throw new IllegalStateException("A call of " + name + " has ended with " + failure);
    }
  }

  private final class Answers implements StreamObserver<GreetingResponse> {

    @Override
    public void onNext(GreetingResponse answer) {
      if (expected == null) {
        free.release();
      }
    }

    @Override
    public void onError(Throwable t) {
      ended(Status.fromThrowable(t));
    }

    @Override
    public void onCompleted() {
      ended(Status.OK);
    }

    private void ended(Status status) {
      if (expected == null ? !status.isOk() : status.getCode() != expected) {
        failure = status.toString();
        free.release(2 * IN_FLIGHT);
      } else if (expected != null) {
        free.release();
      }
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
