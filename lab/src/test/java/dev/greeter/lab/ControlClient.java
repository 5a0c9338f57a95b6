package dev.greeter.lab;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.MetadataUtils;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A well-behaved client that must always be answered. It sends requests until it is closed. */
public final class ControlClient implements AutoCloseable {

  private static final long DEADLINE_SECONDS = 5;

  /** The timeout of the kubelet and of the image's health check. */
  private static final long PROBE_SECONDS = 2;

  private static final GreetingRequest ADA = GreetingRequest.newBuilder().setName("Ada").build();

  private final ServiceContainer service;
  private final Question question;
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicLong slowestMillis = new AtomicLong();
  private final Map<String, Integer> failures = new ConcurrentHashMap<>();
  private final ManagedChannel kept;
  private final boolean keepsItsConnection;
  private final Thread thread = new Thread(this::run, "control-client");
  private volatile boolean stopped;

  private interface Question {
    void ask(Channel channel);
  }

  private ControlClient(ServiceContainer service, boolean keepsItsConnection, Question question) {
    this.service = service;
    this.question = question;
    this.keepsItsConnection = keepsItsConnection;
    kept = service.channel();
    thread.start();
  }

  /**
   * Starts three clients. Two request greetings, over one connection and over a new one each time.
   * One checks health over new connections, like probes.
   */
  public static List<ControlClient> start(ServiceContainer service) {
    return List.of(
        new ControlClient(service, true, ControlClient::greet),
        new ControlClient(service, false, ControlClient::greet),
        new ControlClient(service, false, ControlClient::probe));
  }

  /** Returns whether the service reports that it is serving. */
  static boolean isServing(ServiceContainer service) {
    try {
      askAnew(service, ControlClient::probe);
      return true;
    } catch (StatusRuntimeException | IllegalStateException e) {
      return false;
    }
  }

  private static void greet(Channel channel) {
    String greeting =
        GreeterGrpc.newBlockingStub(channel)
            .withInterceptors(secret("42"))
            .withDeadlineAfter(DEADLINE_SECONDS, SECONDS)
            .greet(ADA)
            .getGreeting();
    if (!greeting.equals("Hello Ada!")) {
      throw new IllegalStateException(greeting);
    }
  }

  private static void probe(Channel channel) {
    ServingStatus status =
        HealthGrpc.newBlockingStub(channel)
            .withDeadlineAfter(PROBE_SECONDS, SECONDS)
            .check(HealthCheckRequest.getDefaultInstance())
            .getStatus();
    if (status != ServingStatus.SERVING) {
      throw new IllegalStateException(status.toString());
    }
  }

  /** Returns an interceptor that sends a secret. */
  public static ClientInterceptor secret(String secret) {
    var headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), secret);
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  /** Returns the number of answered requests. */
  int answered() {
    return answered.get();
  }

  /** Returns the failures and their counts. */
  Map<String, Integer> failures() {
    return failures;
  }

  private int failed() {
    return failures.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Waits up to 10 s for two more answers, or failures. */
  public void awaitMore() {
    int before = answered.get() + failed();
    for (int i = 0; i < 100 && answered.get() + failed() < before + 2; i++) {
      pause(100);
    }
  }

  private void run() {
    for (; !stopped; pause(keepsItsConnection ? 5 : 100)) {
      long start = System.nanoTime();
      try {
        ask();
        answered.incrementAndGet();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        slowestMillis.accumulateAndGet(millis, Math::max);
      } catch (StatusRuntimeException | IllegalStateException e) {
        failures.merge(kind(e), 1, Integer::sum);
      }
    }
  }

  /**
   * Sends a request, and retries once over a new connection if the connection ends early. So do the
   * kubelet, which tolerates two failures in a row, and gRPC: on a slow machine, callers that
   * connect quickly displace new connections (see {@code SECURITY.md}).
   */
  private void ask() {
    if (keepsItsConnection) {
      question.ask(kept);
      return;
    }
    try {
      askAnew(service, question);
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() != Status.Code.UNAVAILABLE) {
        throw e;
      }
      askAnew(service, question);
    }
  }

  private static String kind(RuntimeException e) {
    return e instanceof StatusRuntimeException failed
        ? failed.getStatus().getCode().toString()
        : e.toString();
  }

  private static void askAnew(ServiceContainer service, Question question) {
    ManagedChannel channel = service.channel();
    try {
      question.ask(channel);
    } finally {
      channel.shutdownNow();
    }
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns the numbers of answers and failures, and the slowest answer. */
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
