package dev.greeter.service.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.service.fixture.InProcessGrpc;
import dev.greeter.service.fixture.TestCall;
import dev.greeter.service.fixture.TextService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The guard stands before all services but the open ones. */
class OpenServicesInterceptorTest {

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
  void leavesANamedServiceAlone(MethodType kind) throws Exception {
    assertThat(callWithOpen(Set.of("test.Other", "test.Text"), kind)).isEqualTo(Code.OK);
  }

  @ParameterizedTest
  @ValueSource(strings = {"test.Tex", "test.Text2", "Text", "test", "test.text", "test.Text/UNARY"})
  void guardsAServiceWhoseNameIsMerelySimilar(String open) throws Exception {
    assertThat(callWithOpen(Set.of(open), MethodType.UNARY)).isEqualTo(Code.PERMISSION_DENIED);
  }

  @Test
  void guardsAllIfNoneIsNamed() throws Exception {
    assertThat(callWithOpen(Set.of(), MethodType.UNARY)).isEqualTo(Code.PERMISSION_DENIED);
  }

  private static Code callWithOpen(Set<String> openServices, MethodType kind) throws Exception {
    var interceptor = new OpenServicesInterceptor(openServices, new Closed());
    try (var grpc = new InProcessGrpc(TextService.echo(), interceptor)) {
      var call = TestCall.send(grpc.channel(), TextService.method(kind), new Metadata(), "Ada");
      return call.status().getCode();
    }
  }

  private static final class Closed implements ServerInterceptor {

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      call.close(Status.PERMISSION_DENIED, new Metadata());
      return new ServerCall.Listener<>() {};
    }
  }
}
