package dev.greeter.service.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.TextService;
import dev.greeter.service.RunningService;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status.Code;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import net.devh.boot.grpc.server.service.GrpcService;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;

/** The interceptors that a service names, such as one that says what its callers may do. */
class ServiceInterceptorsTest {

  private static final MethodDescriptor<String, String> METHOD =
      TextService.method(MethodType.UNARY);
  private static final Queue<String> MET = new ConcurrentLinkedQueue<>();

  @Test
  void areMetInTheirOrderBehindTheCheck() {
    MET.clear();
    try (var service = new RunningService(Map.of(), Services.class)) {
      assertThat(service.call(METHOD, "Ada", "authorization", "43").getCode())
          .isEqualTo(Code.UNAUTHENTICATED);
      assertThat(MET).isEmpty();
      assertThat(service.call(METHOD, "Ada", "authorization", "42").getCode()).isEqualTo(Code.OK);
    }
    assertThat(MET).containsExactly("a class", "the class of a bean", "the name of a bean");
  }

  @TestConfiguration(proxyBeanMethods = false)
  static class Services {

    @Bean
    @GrpcService(
        interceptors = {OfClass.class, OfBean.class},
        interceptorNames = "named")
    BindableService text() {
      return TextService.echo();
    }

    @Bean
    OfBean bean() {
      return new OfBean("the class of a bean");
    }

    @Bean
    Noting named() {
      return new Noting("the name of a bean");
    }
  }

  /** Made by the starter, by its public constructor. */
  public static final class OfClass extends Noting {
    /** Creates it. */
    public OfClass() {
      super("a class");
    }
  }

  static final class OfBean extends Noting {
    OfBean(String name) {
      super(name);
    }
  }

  /** Notes that a call has met it. */
  static class Noting implements ServerInterceptor {

    private final String name;

    Noting(String name) {
      this.name = name;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      MET.add(name);
      return next.startCall(call, headers);
    }
  }
}
