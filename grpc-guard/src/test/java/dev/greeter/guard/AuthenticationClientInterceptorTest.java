package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import dev.greeter.guard.setting.InvalidSettingException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status.Code;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a server receives from a channel with the interceptor. */
class AuthenticationClientInterceptorTest {

  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of("x-secret", Metadata.ASCII_STRING_MARSHALLER);

  private final CompletableFuture<Metadata> received = new CompletableFuture<>();

  @AutoClose
  private final InProcessGrpc grpc = new InProcessGrpc(TextService.echo(), new Receiver());

  private final AuthenticationClientInterceptor anywhere =
      new AuthenticationClientInterceptor("X-Secret", Secrets.of("marker-secret", "marker-old"));
  private final AuthenticationClientInterceptor onThisMachine =
      new AuthenticationClientInterceptor(
          "X-Secret",
          Secrets.of("marker-secret", null),
          authority -> new IllegalStateException("Not to " + authority));

  @ParameterizedTest
  @EnumSource(value = MethodType.class, mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
  void addsTheSecretToEveryKindOfCall(MethodType type) throws Exception {
    call(anywhere, type, new Metadata());

    assertThat(receivedMetadata().getAll(HEADER)).containsExactly("marker-secret");
  }

  @Test
  void keepsWhatTheCallCarriesAlready() throws Exception {
    Metadata.Key<String> other = Metadata.Key.of("x-other", Metadata.ASCII_STRING_MARSHALLER);
    Metadata headers = new Metadata();
    headers.put(other, "kept");

    call(anywhere, MethodType.UNARY, headers);

    assertThat(receivedMetadata().get(other)).isEqualTo("kept");
  }

  @Test
  void keepsTheSecretOnThisMachineIfItIsToldTo() throws Exception {
    call(onThisMachine, MethodType.UNARY, new Metadata());
    assertThat(receivedMetadata().get(HEADER)).isEqualTo("marker-secret");

    var method = TextService.method(MethodType.UNARY);
    assertThatThrownBy(
            () -> onThisMachine.interceptCall(method, CallOptions.DEFAULT, new Elsewhere()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Not to 192.0.2.1:50051");
  }

  @Test
  void isNotMadeForAHeaderThatGrpcCannotCarry() {
    assertThatThrownBy(() -> new AuthenticationClientInterceptor("x-bin", Secrets.of("42", null)))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage("header ends in -bin, as only headers with binary values do.");
  }

  private void call(
      AuthenticationClientInterceptor interceptor, MethodType type, Metadata headers) {
    var channel = ClientInterceptors.intercept(grpc.channel(), interceptor);
    var call = TestCall.send(channel, TextService.method(type), headers, "Ada");
    assertThat(call.status().getCode()).isEqualTo(Code.OK);
  }

  private Metadata receivedMetadata() throws Exception {
    return received.get(10, TimeUnit.SECONDS);
  }

  /** Keeps the metadata of the first call. */
  private final class Receiver implements ServerInterceptor {

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      received.complete(headers);
      return next.startCall(call, headers);
    }
  }

  /** A channel to another machine, which no call may reach. */
  private static final class Elsewhere extends Channel {

    @Override
    public String authority() {
      return "192.0.2.1:50051";
    }

    @Override
    public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
      throw new AssertionError("A call has been made");
    }
  }
}
