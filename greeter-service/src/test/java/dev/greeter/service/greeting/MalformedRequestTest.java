package dev.greeter.service.greeting;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import dev.greeter.guard.Guard;
import dev.greeter.guard.Secrets;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.TestCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that are not a message end their call, and leave nothing in the log. */
@ParameterizedClass
@MethodSource("methods")
class MalformedRequestTest {

  @RegisterExtension private final LogCapture log = new LogCapture();
  private final MethodDescriptor<GreetingRequest, GreetingResponse> method;

  @AutoClose
  private final InProcessGrpc grpc =
      new InProcessGrpc(
          new GreeterService(), Guard.builder(Secrets.of("a secret")).build().afterCheck());

  MalformedRequestTest(MethodDescriptor<GreetingRequest, GreetingResponse> method) {
    this.method = method;
  }

  static List<MethodDescriptor<GreetingRequest, GreetingResponse>> methods() {
    return List.of(GreeterGrpc.getGreetMethod(), GreeterGrpc.getChatMethod());
  }

  /** A length beyond the end, a tag that is cut off, a tag of field 0, a name that is no UTF-8. */
  @ParameterizedTest
  @ValueSource(strings = {"\n\u007F", "\u0080", "\0\1", "\n\1\u00FF"})
  void isRefused(String bytes) {
    var raw = method.toBuilder(new Bytes(), method.getResponseMarshaller()).build();
    var call = TestCall.send(grpc.channel(), raw, new Metadata(), bytes);
    assertThat(call.status().getCode()).isEqualTo(Code.UNKNOWN);
    assertThat(call.messages()).isEmpty();
    assertThat(log.problems()).isEmpty();
  }

  /** Sends a string as the bytes that its characters stand for. */
  private static final class Bytes implements MethodDescriptor.Marshaller<String> {

    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(ISO_8859_1));
    }

    @Override
    public String parse(InputStream stream) {
      throw new UnsupportedOperationException("A client parses no requests");
    }
  }
}
