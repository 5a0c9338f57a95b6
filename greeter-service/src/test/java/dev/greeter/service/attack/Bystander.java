package dev.greeter.service.attack;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A well-behaved client that asks over and over, and counts the answers, until it is closed. */
final class Bystander implements AutoCloseable {

  /** An answer that takes longer is none. */
  private static final long DEADLINE_SECONDS = 5;

  /** The kubelet's, and that of the image's own check of its health. */
  private static final long PROBE_SECONDS = 2;

  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicLong slowestMillis = new AtomicLong();
  private final Map<String, Integer> failures = new ConcurrentHashMap<>();
  private final ManagedChannel kept;
  private final Thread thread;
  private volatile boolean stopped;

  private Bystander(
      Supplier<ManagedChannel> channels,
      boolean keepsItsConnection,
      Consumer<ManagedChannel> question) {
    kept = channels.get();
    thread =
        new Thread(
            () -> {
              while (!stopped) {
                ask(
                    keepsItsConnection
                        ? () -> question.accept(kept)
                        : () -> askAnew(channels, question));
                pause(keepsItsConnection ? 5 : 100);
              }
            },
            "bystander");
    thread.start();
  }

  /** Asks for one greeting after the other over a connection that it keeps. */
  static Bystander greeted(Supplier<ManagedChannel> channels) {
    return new Bystander(channels, true, channel -> Greetings.greet(channel, DEADLINE_SECONDS));
  }

  /** Asks for greetings over a new connection each. */
  static Bystander newlyGreeted(Supplier<ManagedChannel> channels) {
    return new Bystander(channels, false, channel -> Greetings.greet(channel, DEADLINE_SECONDS));
  }

  /** Asks for the health of the service over a new connection each time, as probes do. */
  static Bystander probe(Supplier<ManagedChannel> channels) {
    return new Bystander(
        channels,
        false,
        channel -> {
          ServingStatus status =
              HealthGrpc.newBlockingStub(channel)
                  .withDeadlineAfter(PROBE_SECONDS, SECONDS)
                  .check(HealthCheckRequest.getDefaultInstance())
                  .getStatus();
          if (status != ServingStatus.SERVING) {
            throw new IllegalStateException(status.toString());
          }
        });
  }

  int answered() {
    return answered.get();
  }

  /** Returns what has failed, and how often. */
  Map<String, Integer> failures() {
    return failures;
  }

  private int failed() {
    return failures.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Waits for more answers, or failures. */
  void awaitMore() {
    int before = answered.get() + failed();
    for (int i = 0; i < 100 && answered.get() + failed() < before + 2; i++) {
      pause(100);
    }
  }

  /**
   * Asks over a new connection, and if that is ended before its answer over one more: so do the
   * kubelet, which minds three failures in a row, and the client. Whoever connects faster than a
   * slow machine answers pushes newcomers out, as {@code SECURITY.md} says.
   */
  private static void askAnew(
      Supplier<ManagedChannel> channels, Consumer<ManagedChannel> question) {
    try {
      askOnce(channels, question);
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() != Status.Code.UNAVAILABLE) {
        throw e;
      }
      askOnce(channels, question);
    }
  }

  private static void askOnce(
      Supplier<ManagedChannel> channels, Consumer<ManagedChannel> question) {
    ManagedChannel channel = channels.get();
    try {
      question.accept(channel);
    } finally {
      channel.shutdownNow();
    }
  }

  private void ask(Runnable question) {
    long start = System.nanoTime();
    try {
      question.run();
      answered.incrementAndGet();
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      slowestMillis.accumulateAndGet(millis, Math::max);
    } catch (StatusRuntimeException e) {
      failures.merge(e.getStatus().getCode().toString(), 1, Integer::sum);
    } catch (IllegalStateException e) {
      failures.merge(e.toString(), 1, Integer::sum);
    }
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns how many were answered and how many failed, and the longest that one took. */
  @Override
  public String toString() {
    return "%d/%d, %d ms".formatted(answered.get(), failed(), slowestMillis.get());
  }

  @Override
  public void close() throws InterruptedException {
    stopped = true;
    thread.join(SECONDS.toMillis(3 * DEADLINE_SECONDS));
    kept.shutdownNow();
  }
}
