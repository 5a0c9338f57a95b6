package dev.greeter.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import net.devh.boot.grpc.server.event.GrpcServerStartedEvent;
import net.devh.boot.grpc.server.service.GrpcService;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.event.EventListener;

/** The application with its defaults, over a real port. */
@SpringBootTest(properties = "grpc.server.port=0")
@Import(GreeterServiceApplicationTest.RealPort.class)
class GreeterServiceApplicationTest {

  /** The empty field 7, list_services, of a reflection request in the wire format. */
  private static final String LIST_SERVICES = ":\0";

  private static final HealthCheckRequest EVERYTHING = HealthCheckRequest.getDefaultInstance();
  private static final HealthCheckResponse SERVING =
      HealthCheckResponse.newBuilder().setStatus(ServingStatus.SERVING).build();

  private static final Queue<String> MET = new ConcurrentLinkedQueue<>();

  @RegisterExtension private final LogCapture log = new LogCapture();
  @Autowired private ManagedChannel channel;

  @Nested
  class WithTheSecret {

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
    void servesEveryMethodType(MethodType kind) {
      var call = call(kind, headers("42"));
      assertThat(call.status().getCode()).isEqualTo(Code.OK);
      assertThat(call.messages()).containsExactly("Ada");
    }

    /** For example, an interceptor that authorizes callers. */
    @Test
    void runsServiceInterceptorsAfterSecretCheck() {
      MET.clear();
      assertThat(call(MethodType.UNARY, headers("43")).allMessages()).isEmpty();
      assertThat(MET).isEmpty();
      assertThat(call(MethodType.UNARY, headers("42")).allMessages()).containsExactly("Ada");
      assertThat(MET).containsExactly("a class", "a bean");
    }

    @Test
    void servesGreeter() {
      assertThat(greet("Ada", headers("42")).allMessages())
          .containsExactly(GreetingResponse.newBuilder().setGreeting("Hello Ada!").build());
      assertThat(greet("", headers("42")).status().getDescription())
          .isEqualTo("name must not be empty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tutorial.Greeter/Unknown", "test.Unknown/UNARY"})
    void reportsUnknownMethods(String method) {
      var status = callText(method, headers("42"), "").status();
      assertThat(status.getCode()).isEqualTo(Code.UNIMPLEMENTED);
      assertThat(status.getDescription()).isEqualTo("Method not found: " + method);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v1alpha"})
    void listsServicesByReflection(String version) {
      assertThat(reflect(version, headers("42")).allMessages())
          .singleElement()
          .asString()
          .contains("tutorial.Greeter");
    }

    @Test
    void rejectsMalformedRequest() {
      var status = callText("tutorial.Greeter/Greet", headers("42"), "\n\u007F").status();
      assertThat(status.getCode()).isEqualTo(Code.UNKNOWN);
    }
  }

  @Nested
  class WithoutTheSecret {

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
    void rejectsEveryMethodType(MethodType kind) {
      assertRefused(call(kind, new Metadata()));
      assertRefused(call(kind, headers("")));
      assertRefused(call(kind, headers("43")));
    }

    @Test
    void refusesToGreet() {
      assertRefused(greet("Ada", new Metadata()));
      assertRefused(greet("", headers("43")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tutorial.Greeter/Unknown", "test.Unknown/UNARY"})
    void doesNotRevealUnknownMethods(String method) {
      assertRefused(callText(method, new Metadata(), ""));
      assertRefused(callText(method, headers("43"), ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v1alpha"})
    void doesNotListServices(String version) {
      assertRefused(reflect(version, new Metadata()));
    }

    @Test
    void answersHealthChecks() {
      var check = TestCall.send(channel, HealthGrpc.getCheckMethod(), new Metadata(), EVERYTHING);
      assertThat(check.status().getCode()).isEqualTo(Code.OK);
      assertThat(check.messages()).containsExactly(SERVING);
    }

    @Test
    void doesNotLogMalformedHealthChecks() {
      var status = callText("grpc.health.v1.Health/Check", new Metadata(), "\n\u007F").status();
      assertThat(status.getCode()).isEqualTo(Code.UNKNOWN);
      assertThat(log.problems()).isEmpty();
    }

    @Test
    void answersHealthWatches() {
      var method = HealthGrpc.getWatchMethod();
      var watch =
          TestCall.open(channel, method, CallOptions.DEFAULT, new Metadata())
              .take(1)
              .send(EVERYTHING)
              .halfClose();
      Awaitility.await().untilAsserted(() -> assertThat(watch.messages()).containsExactly(SERVING));
      watch.cancel();
    }

    private void assertRefused(TestCall<?, ?> call) {
      assertThat(call.status().getCode()).isEqualTo(Code.UNAUTHENTICATED);
      assertThat(call.status().getDescription()).isEqualTo("Access denied!");
      assertThat(call.messages()).isEmpty();
    }
  }

  private TestCall<String, String> call(MethodType kind, Metadata headers) {
    return TestCall.send(channel, TextService.method(kind), headers, "Ada");
  }

  private TestCall<String, String> callText(String method, Metadata headers, String request) {
    var descriptor = TextService.method(MethodType.BIDI_STREAMING, method);
    return TestCall.send(channel, descriptor, headers, request);
  }

  private TestCall<String, String> reflect(String version, Metadata headers) {
    String service = "grpc.reflection." + version + ".ServerReflection";
    return callText(service + "/ServerReflectionInfo", headers, LIST_SERVICES);
  }

  private TestCall<GreetingRequest, GreetingResponse> greet(String name, Metadata headers) {
    var request = GreetingRequest.newBuilder().setName(name).build();
    return TestCall.send(channel, GreeterGrpc.getGreetMethod(), headers, request);
  }

  private static Metadata headers(String secret) {
    var headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), secret);
    return headers;
  }

  /** An additional service, and a channel to the chosen port. */
  static class RealPort {

    private int port;

    @EventListener
    void remember(GrpcServerStartedEvent started) {
      port = started.getPort();
    }

    @Bean
    @GrpcService(interceptors = Noting.class, interceptorNames = "named")
    BindableService textService() {
      return TextService.echo();
    }

    @Bean
    ServerInterceptor named() {
      return new WithName("a bean");
    }

    @Bean(destroyMethod = "shutdownNow")
    @Lazy
    ManagedChannel channel() {
      return ManagedChannelBuilder.forAddress("localhost", port).usePlaintext().build();
    }
  }

  /** Created by the starter with its public constructor. */
  public static final class Noting extends WithName {
    public Noting() {
      super("a class");
    }
  }

  /** Records that a call passed it. */
  static class WithName implements ServerInterceptor {

    private final String name;

    WithName(String name) {
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
