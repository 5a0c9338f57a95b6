package dev.greeter.cli.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import dev.greeter.guard.InvalidSettingException;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.io.ClassPathResource;

/** Which failures a channel gets over by itself. */
class ChannelConfigurationTest {

  private static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  private final AtomicInteger attempts = new AtomicInteger();
  private int failures;
  private Status failure = Status.UNAVAILABLE;
  private @Nullable String pushback;
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void connect() throws Exception {
    String name = InProcessServerBuilder.generateName();
    server = InProcessServerBuilder.forName(name).addService(new Failing()).build().start();
    // On by default, but for channels within a process.
    var builder = InProcessChannelBuilder.forName(name).enableRetry();
    new ChannelConfiguration().serviceConfig(settings()).accept(builder, name);
    channel = builder.build();
  }

  @AfterEach
  void disconnect() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  @ParameterizedTest
  @EnumSource(names = {"UNAVAILABLE", "UNKNOWN"})
  void asksAgainIfTheServerGoesAway(Status.Code code) throws Exception {
    failures = 3;
    failure = code.toStatus();

    assertThat(greet()).isEqualTo("Hello Ada!");
    assertThat(attempts).hasValue(4);
  }

  @Test
  void givesUpAfterTheFourthAttempt() {
    failures = 4;

    assertThatThrownBy(this::greet).isInstanceOf(StatusException.class);
    assertThat(attempts).hasValue(4);
  }

  @Test
  void doesNotAskAgainIfTheServiceHasRefused() {
    failures = 1;
    failure = Status.UNAUTHENTICATED;

    assertThatThrownBy(this::greet).isInstanceOf(StatusException.class);
    assertThat(attempts).hasValue(1);
  }

  @Test
  void asksAgainAfterTheDelayThatTheServiceAsksFor() throws Exception {
    failures = 2;
    failure = Status.RESOURCE_EXHAUSTED;
    pushback = "300";

    long start = System.nanoTime();
    assertThat(greet()).isEqualTo("Hello Ada!");
    assertThat(attempts).hasValue(3);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(600));
  }

  @ParameterizedTest
  @ValueSource(strings = {"&a {b: *a}", "a: &b [*b]"})
  void isNotWhatHoldsItself(String config) {
    assertThatThrownBy(() -> new GreeterProperties("localhost:50051", "5s", config))
        .isInstanceOf(InvalidSettingException.class);
  }

  @Test
  void isNotWhatJsonHasNoTypeFor() {
    var properties = new GreeterProperties("localhost:50051", "5s", "a: 2027-01-31");
    var config = new ChannelConfiguration().serviceConfig(properties);

    assertThatThrownBy(() -> config.accept(InProcessChannelBuilder.forName("any"), "any"))
        .isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = "-1")
  void doesNotAskAgainIfTheServiceNamesNoDelay(@Nullable String none) {
    failures = 1;
    failure = Status.RESOURCE_EXHAUSTED;
    pushback = none;

    assertThatThrownBy(this::greet).isInstanceOf(StatusException.class);
    assertThat(attempts).hasValue(1);
  }

  /** The settings as the program comes with them. */
  private static GreeterProperties settings() {
    var yaml = new YamlPropertiesFactoryBean();
    yaml.setResources(new ClassPathResource("application.yml"));
    return new Binder(new MapConfigurationPropertySource(Objects.requireNonNull(yaml.getObject())))
        .bind("greeter", GreeterProperties.class)
        .get();
  }

  private String greet() throws StatusException {
    return GreeterGrpc.newBlockingV2Stub(channel)
        .greet(GreetingRequest.newBuilder().setName("Ada").build())
        .getGreeting();
  }

  private final class Failing extends GreeterGrpc.GreeterImplBase {
    @Override
    public void greet(GreetingRequest request, StreamObserver<GreetingResponse> responses) {
      if (attempts.incrementAndGet() <= failures) {
        var trailers = new Metadata();
        if (pushback != null) {
          trailers.put(PUSHBACK, pushback);
        }
        responses.onError(failure.asException(trailers));
        return;
      }
      responses.onNext(GreetingResponse.newBuilder().setGreeting("Hello Ada!").build());
      responses.onCompleted();
    }
  }
}
