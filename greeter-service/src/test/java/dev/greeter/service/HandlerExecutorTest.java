package dev.greeter.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerInterceptor;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import net.devh.boot.grpc.server.service.GrpcService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** The handlers' threads; this service's handlers never wait. */
class HandlerExecutorTest {

  private static final WaitRecorder RECORDER = new WaitRecorder();

  HandlerExecutorTest() {
    RECORDER.clear();
  }

  @Test
  void runsHandlersOnEventLoopWithoutBlocking() {
    try (var service = new RunningService(Map.of(), Recording.class)) {
      // The first calls load classes, which may make a thread wait.
      callEveryMethod(service, 20);
      RECORDER.clear();
      callEveryMethod(service, 200);

      assertThat(RECORDER.threads())
          .hasSizeGreaterThan(1000)
          .allMatch(t -> t.startsWith("grpc-worker"));
      assertThat(RECORDER.waits()).isEmpty();
      // The guard's timer may hold a monitor for a moment.
      assertThat(RECORDER.contentions()).hasSizeLessThan(50);

      var unused = call(service, TextService.method(MethodType.UNARY), "Ada");
      assertThat(RECORDER.waits())
          .singleElement()
          .asString()
          .contains("test.Text/UNARY half-close");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pool", "virtual"})
  void runsHandlersOnConfiguredExecutor(String executor) {
    try (var service = start(executor)) {
      greet(service);
      assertThat(RECORDER.threads()).isNotEmpty().allMatch(t -> t.startsWith("grpc-call-"));
    }
  }

  /** Compose allows a container 128 threads in total. */
  @Test
  void limitsPoolToFiftyThreads() {
    try (var service = start("pool")) {
      List<TestCall<String, String>> calls = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        var headers = TestCall.headers("authorization", "42");
        var method = TextService.method(MethodType.UNARY);
        calls.add(TestCall.open(service.channel(), method, CallOptions.DEFAULT, headers));
      }
      calls.forEach(call -> call.take(1).send("w".repeat(100)).halfClose());
      calls.forEach(TestCall::code);
      assertThat(new HashSet<>(RECORDER.threads())).hasSize(50);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pool", "virtual"})
  void keepsUnauthenticatedCallsOnEventLoop(String executor) {
    try (var service = start(executor)) {
      checkHealth(service);
      var ada = GreetingRequest.newBuilder().setName("Ada").build();
      assertThat(service.call(GreeterGrpc.getGreetMethod(), ada, new Metadata()).getCode())
          .isEqualTo(Code.UNAUTHENTICATED);
      assertThat(RECORDER.threads()).isNotEmpty().allMatch(t -> t.startsWith("grpc-worker"));
    }
  }

  private static RunningService start(String executor) {
    assumeTrue(executor.equals("pool") || Runtime.version().feature() >= 21);
    return new RunningService(Map.of("GREETER_SERVER_EXECUTOR", executor), Recording.class);
  }

  private static void callEveryMethod(RunningService service, int times) {
    for (int i = 0; i < times; i++) {
      greet(service);
      checkHealth(service);
    }
  }

  private static void greet(RunningService service) {
    var ada = GreetingRequest.newBuilder().setName("Ada").build();
    assertThat(call(service, GreeterGrpc.getGreetMethod(), ada)).isEqualTo(Code.OK);
    assertThat(call(service, GreeterGrpc.getChatMethod(), ada)).isEqualTo(Code.OK);
  }

  private static void checkHealth(RunningService service) {
    var everything = HealthCheckRequest.getDefaultInstance();
    assertThat(call(service, HealthGrpc.getCheckMethod(), everything)).isEqualTo(Code.OK);
  }

  private static <Q> Code call(RunningService service, MethodDescriptor<Q, ?> method, Q request) {
    return service.call(method, request, "authorization", "42").getCode();
  }

  @TestConfiguration(proxyBeanMethods = false)
  static class Recording {

    @GrpcGlobalServerInterceptor
    @Order(Ordered.HIGHEST_PRECEDENCE)
    ServerInterceptor recorder() {
      return RECORDER;
    }

    @Bean
    @GrpcService
    BindableService handlerThatWaits() {
      return new TextService(
          (text, responses) -> {
            LockSupport.parkNanos(1_000_000L * text.length());
            responses.onCompleted();
          });
    }
  }
}
