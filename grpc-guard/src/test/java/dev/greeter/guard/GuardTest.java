package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import com.google.protobuf.StringValue;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status.Code;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** All parts together, in front of a service that knows nothing of them. */
class GuardTest {

  private static final MethodDescriptor<StringValue, StringValue> WATCH =
      MethodDescriptor.<StringValue, StringValue>newBuilder()
          .setType(MethodType.SERVER_STREAMING)
          .setFullMethodName("test.Values/Watch")
          .setRequestMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
          .build();

  @RegisterExtension private final LogCapture log = new LogCapture();

  private final CompletableFuture<Void> cancelled = new CompletableFuture<>();
  private final Guard guard =
      new Guard(
          Secrets.ofClients(Map.of("ada", "marker-ada")).and(Secrets.of("marker-secret", null)),
          new RateLimit(0, 1, 2, 3, 10));
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    String name = InProcessServerBuilder.generateName();
    server =
        guard
            .around(InProcessServerBuilder.forName(name), TextService.echo(), new Values())
            .build()
            .start();
    channel = InProcessChannelBuilder.forName(name).directExecutor().build();
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow().awaitTermination(30, TimeUnit.SECONDS);
    guard.stop(server, Duration.ofSeconds(30));
    assertThat(server.isTerminated()).isTrue();
  }

  @Test
  void letsWhoHasTheSecretGetThrough() {
    var call = call(TextService.method(MethodType.UNARY), "marker-secret");
    assertThat(call.allMessages()).containsExactly("Ada");
    assertThat(call.status().getCode()).isEqualTo(Code.OK);
  }

  @Test
  void refusesOthersWhetherTheMethodExistsOrNot() {
    for (String method : List.of("test.Text/UNARY", "test.Text/Unknown")) {
      var call = call(TextService.method(MethodType.UNARY, method), "guess");
      assertThat(call.status().getCode()).isEqualTo(Code.UNAUTHENTICATED);
      assertThat(call.status().getDescription()).isEqualTo("Access denied!");
    }
    var unknown = TextService.method(MethodType.UNARY, "test.Text/Unknown");
    assertThat(call(unknown, "marker-secret").status().getCode()).isEqualTo(Code.UNIMPLEMENTED);
  }

  @Test
  void refusesWhoeverGuessesTooOften() {
    var method = TextService.method(MethodType.UNARY);
    for (int i = 0; i < 3; i++) {
      assertThat(call(method, "guess").status().getCode()).isEqualTo(Code.UNAUTHENTICATED);
    }
    assertThat(call(method, "guess").status().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void refusesAClientThatCallsTooOftenAndNobodyElse() {
    var method = TextService.method(MethodType.UNARY);
    for (int i = 0; i < 2; i++) {
      assertThat(call(method, "marker-ada").status().getCode()).isEqualTo(Code.OK);
    }
    assertThat(call(method, "marker-ada").status().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    for (int i = 0; i < 5; i++) {
      assertThat(call(method, "marker-secret").status().getCode()).isEqualTo(Code.OK);
    }
  }

  @Test
  void logsHowACallEndsForItsCaller() {
    assertThat(watch("fail").status().getCode()).isEqualTo(Code.INTERNAL);

    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(log.of(AccessLog.class.getName()))
                    .singleElement()
                    .extracting(ILoggingEvent::getKeyValuePairs)
                    .asString()
                    .contains("rpc.response.status_code=\"INTERNAL\"")
                    .doesNotContain("marker"));
  }

  @Test
  void blamesTheCallerForARequestThatIsNoMessage() {
    var raw = TextService.method(MethodType.SERVER_STREAMING, WATCH.getFullMethodName());
    var call = call(raw, "marker-secret");
    assertThat(call.status().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(call.status().getDescription()).startsWith("The request is no valid message: ");
    assertThat(log.problems()).isEmpty();
  }

  @Test
  void tellsBothSidesThatAnOpenStreamEndsWhenItDrains() {
    var watch = watch("Ada");
    Awaitility.await().until(() -> watch.messages().size() == 1);

    guard.drain();

    assertThat(watch.status().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(watch.status().getDescription()).isEqualTo("The service is stopping: call again");
    assertThat(cancelled).succeedsWithin(Duration.ofSeconds(30));
  }

  private TestCall<String, String> call(MethodDescriptor<String, String> method, String secret) {
    return TestCall.send(channel, method, headers(secret), "Ada");
  }

  private TestCall<StringValue, StringValue> watch(String name) {
    return TestCall.open(channel, WATCH, CallOptions.DEFAULT, headers("marker-secret"))
        .take(10)
        .send(StringValue.of(name))
        .halfClose();
  }

  private static Metadata headers(String secret) {
    var headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), secret);
    return headers;
  }

  /** Answers once and leaves the stream open, or fails. */
  private final class Values implements BindableService {

    @Override
    public ServerServiceDefinition bindService() {
      return ServerServiceDefinition.builder("test.Values")
          .addMethod(WATCH, ServerCalls.asyncServerStreamingCall(this::watch))
          .build();
    }

    private void watch(StringValue request, StreamObserver<StringValue> responses) {
      if (request.getValue().equals("fail")) {
        throw new IllegalStateException("marker of the inside");
      }
      ((ServerCallStreamObserver<StringValue>) responses)
          .setOnCancelHandler(() -> cancelled.complete(null));
      responses.onNext(request);
    }
  }
}
