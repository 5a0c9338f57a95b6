package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.Answering;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The guard stands before all services but the open ones. */
class ServicePoliciesTest {

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
    var interceptor =
        ServicePolicies.skipping(openServices, new Answering(() -> Status.PERMISSION_DENIED));
    try (var grpc = new InProcessGrpc(TextService.echo(), interceptor)) {
      var call = TestCall.send(grpc.channel(), TextService.method(kind), new Metadata(), "Ada");
      return call.status().getCode();
    }
  }
}
