package dev.greeter.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.guard.fixture.TextService;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerInterceptor;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import net.devh.boot.grpc.server.service.GrpcService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** On which threads handlers run, and that those of this service never wait. */
class HandlerExecutorTest {

  private static final WaitRecorder RECORDER = new WaitRecorder();

  HandlerExecutorTest() {
    RECORDER.threads().clear();
    RECORDER.waits().clear();
  }

  @Test
  void isTheEventLoopOnWhichNothingEverWaitsOrElseThatIsSeen() {
    try (var service = new RunningService(Map.of(), Recording.class)) {
      // The first calls load classes, for which a thread may wait.
      callEveryMethod(service, 20);
      RECORDER.threads().clear();
      RECORDER.waits().clear();
      callEveryMethod(service, 200);

      assertThat(RECORDER.threads())
          .hasSizeGreaterThan(1000)
          .allMatch(t -> t.startsWith("grpc-worker"));
      assertThat(RECORDER.waits()).isEmpty();

      var unused = call(service, TextService.method(MethodType.UNARY), "Ada");
      assertThat(RECORDER.waits())
          .singleElement()
          .asString()
          .contains("test.Text/UNARY half-close");
    }
  }

  @ParameterizedTest
  @CsvSource({"pool, grpc-default-executor", "virtual, grpc-call-"})
  void isAThreadForHandlersThatWaitIfThatIsSet(String executor, String thread) {
    assumeTrue(executor.equals("pool") || Runtime.version().feature() >= 21);
    var variables = Map.of("GREETER_SERVER_EXECUTOR", executor);
    try (var service = new RunningService(variables, Recording.class)) {
      callEveryMethod(service, 1);
    }

    assertThat(RECORDER.threads()).isNotEmpty().allMatch(t -> t.startsWith(thread));
  }

  private static void callEveryMethod(RunningService service, int times) {
    var ada = GreetingRequest.newBuilder().setName("Ada").build();
    for (int i = 0; i < times; i++) {
      assertThat(call(service, GreeterGrpc.getGreetMethod(), ada)).isEqualTo(Code.OK);
      assertThat(call(service, GreeterGrpc.getChatMethod(), ada)).isEqualTo(Code.OK);
      var everything = HealthCheckRequest.getDefaultInstance();
      assertThat(call(service, HealthGrpc.getCheckMethod(), everything)).isEqualTo(Code.OK);
    }
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
            LockSupport.parkNanos(1_000_000);
            responses.onCompleted();
          });
    }
  }
}
