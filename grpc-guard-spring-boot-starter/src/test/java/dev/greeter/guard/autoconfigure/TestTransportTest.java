package dev.greeter.guard.autoconfigure;

import static io.grpc.MethodDescriptor.MethodType.UNARY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.CallRecorder;
import dev.greeter.guard.fixture.SecretFile;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import io.grpc.Status.Code;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerAutoConfiguration;
import org.springframework.boot.grpc.test.autoconfigure.TestGrpcTransportAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.grpc.client.GrpcChannelFactory;
import org.springframework.grpc.server.GlobalServerInterceptor;

/** Tests the in-process server and channels of {@code @AutoConfigureTestGrpcTransport}. */
class TestTransportTest {

  private static final String SECRET = "marker-secret-that-is-long-enough";
  private static final SecretFile SECRET_FILE = new SecretFile(SECRET + "\n");

  private final ApplicationContextRunner guarded =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  GuardServerAutoConfiguration.class,
                  GuardClientAutoConfiguration.class,
                  GrpcServerAutoConfiguration.class,
                  TestGrpcTransportAutoConfiguration.class))
          .withBean(TextService.class, TextService::echo)
          .withUserConfiguration(Interceptors.class)
          .withPropertyValues(
              "spring.grpc.server.factory.enabled=false",
              "grpc.guard.secret-file=" + SECRET_FILE.path());

  @Test
  void protectsTestServer() {
    guarded.run(
        context -> {
          var recorder = context.getBean(CallRecorder.class);
          assertThat(call(context)).isEqualTo(Code.UNAUTHENTICATED);
          assertThat(recorder.events()).isEmpty();
          assertThat(call(context, "authorization", SECRET)).isEqualTo(Code.OK);
          assertThat(recorder.events()).contains("start");
        });
  }

  @Test
  void sendsClientSecretOverTestChannels() {
    guarded
        .withPropertyValues("grpc.guard.client.secret-file=" + SECRET_FILE.path())
        .run(context -> assertThat(call(context)).isEqualTo(Code.OK));
  }

  private static Code call(ApplicationContext context, String... headers) {
    var channel = context.getBean(GrpcChannelFactory.class).createChannel("default");
    var method = TextService.method(UNARY);
    return TestCall.send(channel, method, TestCall.headers(headers), "Ada").code();
  }

  @Configuration(proxyBeanMethods = false)
  static class Interceptors {

    @Bean
    @GlobalServerInterceptor
    CallRecorder recorder() {
      return new CallRecorder();
    }
  }
}
