package dev.greeter.guard.autoconfigure;

import static io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING;
import static io.grpc.MethodDescriptor.MethodType.UNARY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.GuardEvents;
import dev.greeter.guard.fixture.RecordingEvents;
import dev.greeter.guard.fixture.SecretFile;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerAutoConfiguration;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerExecutorProvider;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Tests the guard's metrics in Micrometer. */
class GuardMetricsTest {

  private static final String NAME = "guard-metrics-test";
  private static final String CURRENT = "marker-current-that-is-long-enough";
  private static final String PREVIOUS = "marker-previous-that-is-long-enough";
  private static final String OF_ADA = "marker-secret-of-ada-long-enough";

  private static final SecretFile SECRET_FILE = new SecretFile(CURRENT + "\n" + PREVIOUS + "\n");
  private static final SecretFile CLIENTS_FILE = new SecretFile("ada " + OF_ADA + "\n");

  private final ApplicationContextRunner guarded =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  GuardServerAutoConfiguration.class, GrpcServerAutoConfiguration.class))
          .withBean(TextService.class, TextService::echo)
          // All effects of a call are complete when it returns.
          .withBean(GrpcServerExecutorProvider.class, () -> () -> Runnable::run)
          .withClassLoader(new FilteredClassLoader("io.grpc.netty"))
          .withPropertyValues(
              "spring.grpc.server.inprocess.name=" + NAME,
              "grpc.guard.secret-file=" + SECRET_FILE.path(),
              "grpc.guard.clients-file=" + CLIENTS_FILE.path(),
              "grpc.guard.max-calls=1");

  private final ApplicationContextRunner measured =
      guarded.withConfiguration(
          AutoConfigurations.of(
              CompositeMeterRegistryAutoConfiguration.class,
              MetricsAutoConfiguration.class,
              SimpleMetricsExportAutoConfiguration.class));

  private final ManagedChannel channel =
      InProcessChannelBuilder.forName(NAME).directExecutor().build();

  @AfterEach
  void close() {
    channel.shutdownNow();
  }

  @Test
  void countsGuardEvents() {
    measured.run(
        context -> {
          var registry = context.getBean(MeterRegistry.class);
          send(null);
          send("guess");
          send(PREVIOUS);
          var method = TextService.method(BIDI_STREAMING);
          var headers = TestCall.headers("authorization", OF_ADA);
          var stream = TestCall.open(channel, method, CallOptions.DEFAULT, headers).take(1);
          assertThat(registry.get("grpc.guard.calls.open").gauge().value()).isEqualTo(1);
          send(OF_ADA);
          stream.halfClose().status();
          context.getBean(GuardEvents.class).connectionRefused();

          assertThat(refused(registry, "secret_missing", "none")).isEqualTo(1);
          assertThat(refused(registry, "secret_wrong", "none")).isEqualTo(1);
          assertThat(refused(registry, "concurrent_calls", "ada")).isEqualTo(1);
          assertThat(count(registry, "grpc.guard.client.calls", "client", "ada")).isEqualTo(2);
          assertThat(count(registry, "grpc.guard.previous.secret")).isEqualTo(1);
          assertThat(count(registry, "grpc.guard.connections.refused")).isEqualTo(1);
        });
  }

  @Test
  void backsOffIfGuardEventsBeanExists() {
    measured
        .withBean(RecordingEvents.class)
        .run(
            context -> {
              send(null);
              assertThat(context.getBean(RecordingEvents.class).events())
                  .containsExactly("SECRET_MISSING");
              assertThat(context).doesNotHaveBean(GuardMetrics.class);
            });
  }

  @Test
  void backsOffWithoutMicrometerOrRegistry() {
    guarded.run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(GuardEvents.class));
    guarded
        .withClassLoader(new FilteredClassLoader("io.grpc.netty", "io.micrometer.core"))
        .run(
            context ->
                assertThat(context)
                    .hasNotFailed()
                    .doesNotHaveBean(GuardEvents.class)
                    .doesNotHaveBean("guardOpenCalls"));
  }

  private void send(@Nullable String secret) {
    var headers = secret == null ? TestCall.headers() : TestCall.headers("authorization", secret);
    TestCall.send(channel, TextService.method(UNARY), headers, "Ada").status();
  }

  private static double refused(MeterRegistry registry, String reason, String client) {
    return count(registry, "grpc.guard.calls.refused", "reason", reason, "client", client);
  }

  private static double count(MeterRegistry registry, String name, String... tags) {
    return registry.get(name).tags(tags).counter().count();
  }
}
