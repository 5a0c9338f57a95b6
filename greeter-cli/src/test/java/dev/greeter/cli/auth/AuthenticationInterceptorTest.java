package dev.greeter.cli.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a server receives from a channel with the interceptor. */
class AuthenticationInterceptorTest {

  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of("x-secret", Metadata.ASCII_STRING_MARSHALLER);

  private final CompletableFuture<Metadata> received = new CompletableFuture<>();
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void connect() throws Exception {
    String name = InProcessServerBuilder.generateName();
    var service = ServerServiceDefinition.builder("test.Kinds");
    for (MethodType type : List.of(MethodType.values())) {
      if (type != MethodType.UNKNOWN) {
        service.addMethod(ServerMethodDefinition.create(method(type), answering()));
      }
    }
    server =
        InProcessServerBuilder.forName(name)
            .directExecutor()
            .addService(service.build())
            .build()
            .start();
    channel = InProcessChannelBuilder.forName(name).directExecutor().build();
  }

  @AfterEach
  void disconnect() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  @ParameterizedTest
  @EnumSource(value = MethodType.class, mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
  void addsTheSecretToEveryKindOfCall(MethodType type) throws Exception {
    call(type, new Metadata());

    assertThat(receivedMetadata().getAll(HEADER)).containsExactly("marker-secret");
  }

  @Test
  void keepsWhatTheCallCarriesAlready() throws Exception {
    Metadata.Key<String> other = Metadata.Key.of("x-other", Metadata.ASCII_STRING_MARSHALLER);
    Metadata headers = new Metadata();
    headers.put(other, "kept");

    call(MethodType.UNARY, headers);

    assertThat(receivedMetadata().get(other)).isEqualTo("kept");
  }

  private void call(MethodType type, Metadata headers) {
    Channel authenticated =
        ClientInterceptors.intercept(
            channel,
            new AuthenticationInterceptor(
                "X-Secret", () -> "marker-secret", new PlaintextGuard(true)));
    var call = authenticated.newCall(method(type), CallOptions.DEFAULT);
    call.start(new ClientCall.Listener<>() {}, headers);
    call.request(1);
    call.sendMessage(InputStream.nullInputStream());
    call.halfClose();
  }

  private Metadata receivedMetadata() throws Exception {
    return received.get(10, TimeUnit.SECONDS);
  }

  private ServerCallHandler<InputStream, InputStream> answering() {
    return (call, headers) -> {
      received.complete(headers);
      call.close(Status.OK, new Metadata());
      return new ServerCall.Listener<>() {};
    };
  }

  private static MethodDescriptor<InputStream, InputStream> method(MethodType type) {
    return MethodDescriptor.<InputStream, InputStream>newBuilder()
        .setType(type)
        .setFullMethodName("test.Kinds/" + type)
        .setRequestMarshaller(new Bytes())
        .setResponseMarshaller(new Bytes())
        .build();
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<InputStream> {
    @Override
    public InputStream stream(InputStream value) {
      return value;
    }

    @Override
    public InputStream parse(InputStream stream) {
      return new ByteArrayInputStream(new byte[0]);
    }
  }
}
