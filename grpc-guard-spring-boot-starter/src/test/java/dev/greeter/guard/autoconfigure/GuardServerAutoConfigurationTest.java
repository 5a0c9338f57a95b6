package dev.greeter.guard.autoconfigure;

import static io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING;
import static io.grpc.MethodDescriptor.MethodType.UNARY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.Guard;
import dev.greeter.guard.InvalidSettingException;
import dev.greeter.guard.Secrets;
import dev.greeter.guard.fixture.CallRecorder;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.RecordingEvents;
import dev.greeter.guard.fixture.SecretFile;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import dev.greeter.guard.netty.GuardedNetty;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerAutoConfiguration;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerExecutorProvider;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.grpc.server.GlobalServerInterceptor;
import org.springframework.grpc.server.ServerBuilderCustomizer;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** Tests when a guard is created, and which servers it is around. */
class GuardServerAutoConfigurationTest {

  private static final String SECRET = "marker-secret-that-is-long-enough";
  private static final String OF_ADA = "marker-secret-of-ada-long-enough";
  private static final String NAME = "guard-server-test";

  private static final SecretFile SECRET_FILE = new SecretFile(SECRET + "\n");
  private static final SecretFile CLIENTS_FILE = new SecretFile("ada " + OF_ADA + "\n");
  private static final SecretFile MISTYPED_FILE =
      new SecretFile("ada " + OF_ADA + " test.Text/Unery\n");

  /** An in-process server. */
  private final ApplicationContextRunner unset =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  GuardServerAutoConfiguration.class,
                  GrpcServerAutoConfiguration.class,
                  SslAutoConfiguration.class))
          .withBean(TextService.class, TextService::echo)
          .withClassLoader(new FilteredClassLoader("io.grpc.netty"))
          .withPropertyValues("spring.grpc.server.inprocess.name=" + NAME);

  private final ApplicationContextRunner guarded =
      unset.withPropertyValues("grpc.guard.secret-file=" + SECRET_FILE.path());

  private final ApplicationContextRunner onNetty =
      guarded
          .withClassLoader(getClass().getClassLoader())
          .withPropertyValues("spring.grpc.server.address=127.0.0.1", "spring.grpc.server.port=0");

  @RegisterExtension private final LogCapture log = new LogCapture();
  private final ManagedChannel channel = InProcessChannelBuilder.forName(NAME).build();

  @AfterEach
  void close() {
    channel.shutdownNow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "grpc.guard.secret-file=", "grpc.guard.clients-file= "})
  void refusesToStartWithoutSecrets(String property) {
    unset
        .withPropertyValues(property)
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .isInstanceOf(InvalidSettingException.class)
                    .hasMessageStartingWith(
                        "grpc.guard.secret-file (environment variable GRPC_GUARD_SECRET_FILE) is not"
                            + " set, nor is grpc.guard.clients-file"));
  }

  @ParameterizedTest
  @CsvSource({
    "true, false, OK, UNAUTHENTICATED",
    "false, true, UNAUTHENTICATED, OK",
    "true, true, OK, OK"
  })
  void acceptsSecretsFromConfiguredFiles(boolean shared, boolean named, Code ofShared, Code ofAda) {
    unset
        .withPropertyValues(shared ? "grpc.guard.secret-file=" + SECRET_FILE.path() : "a=b")
        .withPropertyValues(named ? "grpc.guard.clients-file=" + CLIENTS_FILE.path() : "a=b")
        .run(
            started(
                context -> {
                  assertThat(call(channel)).isEqualTo(Code.UNAUTHENTICATED);
                  assertThat(call(channel, "authorization", "guess"))
                      .isEqualTo(Code.UNAUTHENTICATED);
                  assertThat(call(channel, "authorization", SECRET)).isEqualTo(ofShared);
                  assertThat(call(channel, "authorization", OF_ADA)).isEqualTo(ofAda);
                }));
  }

  @ParameterizedTest
  @CsvSource({
    "secret-file, /nowhere",
    "clients-file, /nowhere",
    "header, grpc-x",
    "trusted-proxies, 0.0.0.0/0",
    "max-calls, 0",
    "max-calls-per-address, 0",
    "call-idle, 0s",
    "rate-limit.calls-per-second, -1",
    "rate-limit.client-calls-per-second, -1",
    "rate-limit.burst, 0",
    "rate-limit.failed-authentications-per-minute, -1",
    "access-log.sample, -1",
    "max-threads, 0",
    "connections.max, 0",
    "connections.max-per-address, 0",
    "connections.max-unauthenticated, 0",
    "connections.max-unauthenticated-per-address, 0",
  })
  void namesInvalidProperty(String property, String value) {
    guarded
        .withClassLoader(getClass().getClassLoader())
        .withPropertyValues("spring.grpc.server.port=0")
        .withPropertyValues("grpc.guard." + property + "=" + value)
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .isInstanceOf(InvalidSettingException.class)
                    .hasMessageStartingWith("grpc.guard." + property + " (environment variable "));
  }

  @Test
  void opensConfiguredServices() {
    guarded
        .withPropertyValues("grpc.guard.open-services=other.Service, " + TextService.NAME)
        .run(started(context -> assertThat(call(channel)).isEqualTo(Code.OK)));
  }

  @Test
  void readsSecretFromConfiguredHeader() {
    guarded
        .withPropertyValues("grpc.guard.header=x-secret")
        .run(
            started(
                context -> {
                  assertThat(call(channel, "authorization", SECRET))
                      .isEqualTo(Code.UNAUTHENTICATED);
                  assertThat(call(channel, "x-secret", SECRET)).isEqualTo(Code.OK);
                }));
  }

  @Test
  void revealsUnknownMethodsOnlyToAuthenticatedClients() {
    var method = TextService.method(UNARY, TextService.NAME + "/Guess");
    guarded.run(
        started(
            context -> {
              assertThat(call(channel, method)).isEqualTo(Code.UNAUTHENTICATED);
              assertThat(call(channel, method, "authorization", SECRET))
                  .isEqualTo(Code.UNIMPLEMENTED);
            }));
  }

  @Test
  void runsBeforeOtherInterceptors() {
    guarded
        .withUserConfiguration(Interceptors.class)
        .run(
            started(
                context -> {
                  var recorder = context.getBean(CallRecorder.class);
                  call(channel);
                  assertThat(recorder.events()).isEmpty();
                  call(channel, "authorization", SECRET);
                  assertThat(recorder.events()).filteredOn("start"::equals).hasSize(2);
                }));
  }

  @Test
  void countsEachCallOnce() {
    unset
        .withPropertyValues("grpc.guard.clients-file=" + CLIENTS_FILE.path())
        .withBean(RecordingEvents.class)
        .run(
            started(
                context -> {
                  call(channel, "authorization", OF_ADA);
                  assertThat(context.getBean(RecordingEvents.class).events())
                      .containsExactly("ada");
                }));
  }

  @Test
  void protectsEachServerAndItsConnections() {
    onNetty
        .withPropertyValues("grpc.guard.connections.max=1")
        .run(
            started(
                context -> {
                  assertThat(call(channel)).isEqualTo(Code.UNAUTHENTICATED);
                  for (int start = 1; start <= 2; start++) {
                    ManagedChannel first = network(context);
                    assertThat(call(first)).isEqualTo(Code.UNAUTHENTICATED);
                    assertThat(call(first, "authorization", SECRET)).isEqualTo(Code.OK);
                    ManagedChannel second = network(context);
                    assertThat(call(second, "authorization", SECRET)).isEqualTo(Code.UNAVAILABLE);
                    first.shutdownNow().awaitTermination(30, TimeUnit.SECONDS);
                    second.shutdownNow();
                    var again =
                        context.getSourceApplicationContext(ConfigurableApplicationContext.class);
                    again.stop();
                    again.start();
                  }
                  assertThat(log.warnings())
                      .noneMatch(line -> line.contains("Connections are not limited"));
                }));
  }

  @Test
  void runsHandlersOnOwnOrProvidedExecutor() {
    guarded
        .withBean(ThreadNames.class)
        .withPropertyValues("grpc.guard.max-threads=1")
        .run(
            started(
                context -> {
                  assertThat(thread("guess")).isEqualTo("Access denied!");
                  assertThat(thread(SECRET)).isEqualTo("grpc-call-1, daemon");
                  assertThat(thread(SECRET)).isEqualTo("grpc-call-1, daemon");
                }));
    GrpcServerExecutorProvider other = () -> task -> new Thread(task, "other").start();
    guarded
        .withBean(ThreadNames.class)
        .withBean(GrpcServerExecutorProvider.class, () -> other)
        .run(started(context -> assertThat(thread(SECRET)).isEqualTo("other")));
  }

  private String thread(String secret) {
    var method = TextService.method(UNARY, "test.Threads/Name");
    var headers = TestCall.headers("authorization", secret);
    return String.valueOf(TestCall.send(channel, method, headers, "Ada").status().getDescription());
  }

  @Test
  void doesNotLimitConnectionsIfDisabled() {
    onNetty
        .withPropertyValues("grpc.guard.connections.enabled=false")
        .run(
            started(
                context -> {
                  assertThat(context).doesNotHaveBean(GuardedNetty.class);
                  assertThat(log.warnings())
                      .anyMatch(line -> line.contains("Connections are not limited"));
                }));
  }

  @Test
  void warnsAboutUnknownPermissionsByLineNumber() {
    unset
        .withPropertyValues("grpc.guard.clients-file=" + MISTYPED_FILE.path())
        .run(
            started(
                context ->
                    assertThat(log.warnings()).anyMatch(line -> line.endsWith("(1): line 1"))));
  }

  @Test
  void protectsRestartedServers() {
    guarded.run(
        started(
            context -> {
              var source =
                  context.getSourceApplicationContext(ConfigurableApplicationContext.class);
              source.stop();
              source.start();
              assertThat(call(channel)).isEqualTo(Code.UNAUTHENTICATED);
              var stream = open("authorization", SECRET).send("Ada").halfClose();
              assertThat(stream.code()).isEqualTo(Code.OK);
            }));
  }

  @Test
  void endsStreamsOnlyWhenOwnContextCloses() {
    guarded.run(
        started(
            context -> {
              var stream = open("authorization", SECRET);
              var child = new AnnotationConfigApplicationContext();
              child.setParent(context.getSourceApplicationContext());
              child.refresh();
              child.close();
              assertThat(open("authorization", SECRET).halfClose().code()).isEqualTo(Code.OK);

              context.getSourceApplicationContext(ConfigurableApplicationContext.class).close();
              assertThat(stream.status().getCode()).isEqualTo(Code.UNAVAILABLE);
              assertThat(stream.status().getDescription()).contains("is stopping");
            }));
  }

  @Test
  void backsOffIfGuardBeanExists() {
    unset
        .withBean(Guard.class, () -> Guard.builder(Secrets.of(OF_ADA)).build())
        .run(
            started(
                context -> assertThat(call(channel, "authorization", OF_ADA)).isEqualTo(Code.OK)));
  }

  @Test
  void backsOffWithoutServicesOrServers() {
    unset.withPropertyValues("spring.grpc.server.enabled=false").run(without());
    var alone =
        new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(GuardServerAutoConfiguration.class));
    alone.run(without());
    alone
        .withBean(TextService.class, TextService::echo)
        .withClassLoader(new FilteredClassLoader(GrpcServerAutoConfiguration.class))
        .run(without());
  }

  private static ManagedChannel network(AssertableApplicationContext context) {
    var lifecycle = context.getBean("nettyGrpcServerLifecycle", GrpcServerLifecycle.class);
    return ManagedChannelBuilder.forAddress("127.0.0.1", lifecycle.getPort())
        .usePlaintext()
        .build();
  }

  private static ContextConsumer<AssertableApplicationContext> without() {
    return started(context -> assertThat(context).doesNotHaveBean(Guard.class));
  }

  private static ContextConsumer<AssertableApplicationContext> started(
      ContextConsumer<AssertableApplicationContext> test) {
    return context -> {
      assertThat(context).hasNotFailed();
      test.accept(context);
    };
  }

  private TestCall<String, String> open(String... headers) {
    var method = TextService.method(BIDI_STREAMING);
    return TestCall.open(channel, method, CallOptions.DEFAULT, TestCall.headers(headers)).take(9);
  }

  private static Code call(Channel channel, String... headers) {
    return call(channel, TextService.method(UNARY), headers);
  }

  private static Code call(
      Channel channel, MethodDescriptor<String, String> method, String... headers) {
    return TestCall.send(channel, method, TestCall.headers(headers), "Ada").code();
  }

  /** Interceptors that also request to be first. */
  @Configuration(proxyBeanMethods = false)
  static class Interceptors {

    @Bean
    @GlobalServerInterceptor
    @Order(Ordered.HIGHEST_PRECEDENCE)
    CallRecorder recorder() {
      return new CallRecorder();
    }

    @Bean
    <B extends ServerBuilder<B>> ServerBuilderCustomizer<B> around(CallRecorder recorder) {
      return server -> server.intercept(recorder);
    }
  }

  /** Fails a call with the name of its handler's thread. */
  static final class ThreadNames implements BindableService {

    @Override
    public ServerServiceDefinition bindService() {
      return ServerServiceDefinition.builder("test.Threads")
          .addMethod(
              TextService.method(UNARY, "test.Threads/Name"),
              (call, headers) -> {
                Thread thread = Thread.currentThread();
                String name = thread.getName() + (thread.isDaemon() ? ", daemon" : "");
                call.close(Status.ABORTED.withDescription(name), headers);
                return new ServerCall.Listener<>() {};
              })
          .build();
    }
  }
}
