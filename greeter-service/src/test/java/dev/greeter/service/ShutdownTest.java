package dev.greeter.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import io.grpc.BindableService;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import net.devh.boot.grpc.server.service.GrpcService;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** The behavior of a client's connection on shutdown. */
class ShutdownTest {

  private static final AtomicReference<@Nullable StreamObserver<String>> UNANSWERED =
      new AtomicReference<>();

  /** The reported health at the end of the first conversation. */
  private static final AtomicReference<@Nullable HealthCheckResponse> HEALTH_AT_THE_END =
      new AtomicReference<>();

  @AutoClose
  private final RunningService service =
      new RunningService(Map.of("GRPC_SERVER_SHUTDOWN_GRACE_PERIOD", "30s"), SlowService.class);

  @Test
  void reportsNotServingThenEndsStreamsThenFinishesCalls() throws Exception {
    var overall = watch("");
    var greeter = watch(GreeterGrpc.SERVICE_NAME);
    var chat =
        open(GreeterGrpc.getChatMethod()).send(GreetingRequest.newBuilder().setName("Ada").build());
    var slow = open(TextService.method(MethodType.UNARY)).send("Ada").halfClose();
    Awaitility.await()
        .untilAsserted(
            () -> {
              assertThat(overall.messages()).containsExactly(health(ServingStatus.SERVING));
              assertThat(greeter.messages()).containsExactly(health(ServingStatus.SERVING));
              assertThat(chat.messages()).hasSize(1);
              assertThat(UNANSWERED.get()).isNotNull();
            });

    var end = CompletableFuture.runAsync(service::stop);

    assertThat(chat.status().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(chat.status().getDescription()).isEqualTo("The service is stopping: call again");
    assertThat(HEALTH_AT_THE_END).hasValue(health(ServingStatus.NOT_SERVING));
    Awaitility.await()
        .untilAsserted(
            () -> {
              assertThat(overall.messages()).endsWith(health(ServingStatus.NOT_SERVING)).hasSize(2);
              assertThat(greeter.messages()).endsWith(health(ServingStatus.NOT_SERVING)).hasSize(2);
            });
    overall.cancel();
    greeter.cancel();
    Awaitility.await("GOAWAY")
        .until(
            () ->
                open(HealthGrpc.getCheckMethod())
                        .send(HealthCheckRequest.getDefaultInstance())
                        .halfClose()
                        .status()
                        .getCode()
                    == Code.UNAVAILABLE);
    var answer = Objects.requireNonNull(UNANSWERED.getAndSet(null));
    answer.onNext("Hello");
    answer.onCompleted();
    assertThat(slow.status().getCode()).isEqualTo(Code.OK);
    assertThat(slow.messages()).containsExactly("Hello");
    end.get(30, TimeUnit.SECONDS);
  }

  @Test
  void acceptsCallsWhileNotServingDuringDrainDelay() throws Exception {
    try (var delayed = new RunningService(Map.of("GREETER_SERVER_DRAIN_DELAY", "1h"))) {
      var ada = GreetingRequest.newBuilder().setName("Ada").build();
      var before = delayed.open(GreeterGrpc.getChatMethod(), "authorization", "42").take(100);
      before.send(ada);
      Awaitility.await().until(() -> before.messages().size() == 1);

      var stop = new Thread(delayed::stop);
      stop.start();
      var health = HealthCheckRequest.getDefaultInstance();
      Awaitility.await()
          .until(
              () ->
                  TestCall.send(
                          delayed.channel(), HealthGrpc.getCheckMethod(), new Metadata(), health)
                      .allMessages()
                      .equals(List.of(health(ServingStatus.NOT_SERVING))));
      before.send(ada);
      var during = delayed.open(GreeterGrpc.getChatMethod(), "authorization", "42").take(100);
      during.send(ada);
      Awaitility.await()
          .until(() -> before.messages().size() == 2 && during.messages().size() == 1);
      assertThat(delayed.call(GreeterGrpc.getGreetMethod(), ada, "authorization", "42").getCode())
          .isEqualTo(Code.OK);

      stop.interrupt();
      // The interrupt also ends the grace period, so they may be cancelled.
      assertThat(List.of(before.code(), during.code())).doesNotContain(Code.OK);
      stop.join();
    }
  }

  private TestCall<HealthCheckRequest, HealthCheckResponse> watch(String service) {
    return open(HealthGrpc.getWatchMethod())
        .send(HealthCheckRequest.newBuilder().setService(service).build())
        .halfClose();
  }

  private <Q, R> TestCall<Q, R> open(MethodDescriptor<Q, R> method) {
    return service.open(method, "authorization", "42").take(100);
  }

  private static HealthCheckResponse health(ServingStatus status) {
    return HealthCheckResponse.newBuilder().setStatus(status).build();
  }

  /** A service that answers when the test lets it, and records health when a call ends. */
  static class SlowService {
    @Bean
    @GrpcService
    BindableService textService() {
      return new TextService((text, responses) -> UNANSWERED.set(responses));
    }

    @Bean
    @GrpcGlobalServerInterceptor
    @Order(Ordered.HIGHEST_PRECEDENCE)
    ServerInterceptor lookAtHealth(HealthStatusManager health) {
      return new ServerInterceptor() {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
          return next.startCall(
              new SimpleForwardingServerCall<>(call) {
                @Override
                public void close(Status status, Metadata trailers) {
                  if (status.getCode() == Code.UNAVAILABLE) {
                    ((HealthGrpc.HealthImplBase) health.getHealthService())
                        .check(HealthCheckRequest.getDefaultInstance(), new Remember());
                  }
                  super.close(status, trailers);
                }
              },
              headers);
        }
      };
    }
  }

  private static final class Remember implements StreamObserver<HealthCheckResponse> {
    @Override
    public void onNext(HealthCheckResponse response) {
      HEALTH_AT_THE_END.set(response);
    }

    @Override
    public void onError(Throwable failure) {
      throw new AssertionError(failure);
    }

    @Override
    public void onCompleted() {}
  }
}
