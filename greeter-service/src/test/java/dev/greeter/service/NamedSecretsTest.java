package dev.greeter.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What the whole service makes of whose secret it is, and whom it tells. */
@ExtendWith(OutputCaptureExtension.class)
class NamedSecretsTest {

  private static final String ADA = "marker-of-the-secret-of-ada-0123";
  private static final String BOB = "marker-of-the-secret-of-bob-0123";
  private static final GreetingRequest REQUEST =
      GreetingRequest.newBuilder().setName("Eve").build();
  private static final Metadata.Key<String> KNOWN_AS =
      Metadata.Key.of("greeter-client", Metadata.ASCII_STRING_MARSHALLER);

  @AutoClose private final OtlpReceiver receiver = new OtlpReceiver();
  @TempDir private Path directory;

  @Test
  void areToldToTheirClient() throws IOException {
    try (var service = start(Map.of())) {
      var channel =
          ManagedChannelBuilder.forAddress("127.0.0.1", service.port()).usePlaintext().build();
      assertThat(answerHeaders(channel, ADA).getAll(KNOWN_AS)).containsExactly("ada");
      assertThat(answerHeaders(channel, BOB).getAll(KNOWN_AS)).containsExactly("bob.2");
      assertThat(answerHeaders(channel, "shared").getAll(KNOWN_AS)).isNull();
      channel.shutdownNow();
    }
  }

  @Test
  void areInTheAccessLogOfCallsThatPassOnly(CapturedOutput output) throws IOException {
    try (var service = start(Map.of("GREETER_ACCESS_LOG_SAMPLE", "1"))) {
      assertThat(greet(service, ADA)).isEqualTo(Code.OK);
      assertThat(greet(service, BOB)).isEqualTo(Code.OK);
      assertThat(greet(service, "shared")).isEqualTo(Code.OK);
      assertThat(greet(service, ADA + "4")).isEqualTo(Code.UNAUTHENTICATED);
    }

    List<String> lines =
        output.getOut().lines().filter(line -> line.contains("A call has ended")).toList();
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0)).contains(" enduser.id=ada");
    assertThat(lines.get(1)).contains(" enduser.id=bob.2");
    assertThat(lines.subList(2, 4)).noneMatch(line -> line.contains("enduser"));
    assertThat(output).doesNotContain("marker");
  }

  @Test
  void areCountedByClient() throws IOException {
    try (var service = start(Map.of())) {
      greet(service, ADA);
      greet(service, ADA);
      greet(service, BOB);
      greet(service, "shared");
      greet(service, "wrong");
    }

    assertThat(receiver.counts("greeter.client.calls"))
        .containsOnly(Map.entry("ada", 2L), Map.entry("bob.2", 1L));
    assertThat(receiver.counts("greeter.auth.refusals")).containsOnly(Map.entry("wrong", 1L));
    assertThat(receiver.everything()).doesNotContain("marker");
  }

  @Test
  void haveALimitEachWhereverTheCallsComeFrom() throws IOException {
    try (var service =
        start(
            Map.of(
                "GREETER_RATE_LIMIT_CLIENT_CALLS_PER_SECOND", "1",
                "GREETER_RATE_LIMIT_BURST", "1"))) {
      assertThat(greet(service, BOB)).isEqualTo(Code.OK);
      // More than fit into a second, even if the machine is slow.
      assertThat(Stream.generate(() -> greet(service, ADA)).limit(50))
          .startsWith(Code.OK)
          .containsOnly(Code.OK, Code.RESOURCE_EXHAUSTED);
      assertThat(Stream.generate(() -> greet(service, "shared")).limit(50)).containsOnly(Code.OK);
    }

    assertThat(receiver.counts("greeter.client.refusals")).containsOnlyKeys("ada");
  }

  @Test
  void areCountedAsExpired() throws Exception {
    Path file = directory.resolve("clients");
    Files.writeString(file, "ada " + ADA + " 2026-01-31\nbob " + BOB);
    Map<String, String> variables = new HashMap<>(receiver.variables());
    variables.put("GREETER_AUTH_CLIENTS_FILE", file.toString());
    try (var service = new RunningService(variables)) {
      assertThat(greet(service, ADA)).isEqualTo(Code.UNAUTHENTICATED);
      assertThat(greet(service, BOB)).isEqualTo(Code.OK);
      assertThat(greet(service, "42")).isEqualTo(Code.UNAUTHENTICATED);
    }

    assertThat(receiver.counts("greeter.auth.refusals"))
        .containsOnly(Map.entry("expired", 1L), Map.entry("wrong", 1L));
  }

  private RunningService start(Map<String, String> more) throws IOException {
    Map<String, String> variables = new HashMap<>(receiver.variables());
    Path file = directory.resolve("clients");
    Files.writeString(file, "ada " + ADA + "\nbob.2 " + BOB);
    variables.put("GREETER_AUTH_CLIENTS_FILE", file.toString());
    variables.put("GREETER_AUTH_VALUE", "shared");
    variables.putAll(more);
    return new RunningService(variables);
  }

  private static Code greet(RunningService service, String secret) {
    return service.call(GreeterGrpc.getGreetMethod(), REQUEST, "authorization", secret).getCode();
  }

  private static Metadata answerHeaders(Channel channel, String secret) {
    var sent = new Metadata();
    sent.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), secret);
    var answered = new AtomicReference<Metadata>();
    Channel intercepted =
        ClientInterceptors.intercept(
            channel,
            MetadataUtils.newAttachHeadersInterceptor(sent),
            MetadataUtils.newCaptureMetadataInterceptor(answered, new AtomicReference<>()));
    assertThat(GreeterGrpc.newBlockingStub(intercepted).greet(REQUEST).getGreeting())
        .isEqualTo("Hello Eve!");
    return answered.get();
  }
}
