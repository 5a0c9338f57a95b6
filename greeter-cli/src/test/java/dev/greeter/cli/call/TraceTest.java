package dev.greeter.cli.call;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.Session;
import io.grpc.InternalMetadata;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.shell.core.InputReader;

/** A call that is shown ends, whatever comes back. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class TraceTest {

  private final StringWriter shown = new StringWriter();
  private String trailer = "x-trial";
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void connect() throws Exception {
    String name = InProcessServerBuilder.generateName();
    server = InProcessServerBuilder.forName(name).addService(new Refusing()).build().start();
    channel = InProcessChannelBuilder.forName(name).build();
  }

  @AfterEach
  void disconnect() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  @ParameterizedTest
  @ValueSource(strings = {":status", "x!y", "a b", "", "-bin", "x\u00e4"})
  void endsWithItsStatusBehindATrailerThatGrpcDoesNotTake(String name) {
    trailer = name;

    assertRefused(new PrintWriter(shown), Status.Code.NOT_FOUND, "nobody");
    assertThat(shown.toString()).contains("< NOT_FOUND after ", "< x-last: 2\n");
  }

  @Test
  void failsIfItCannotBeShown() {
    var broken =
        new PrintWriter(shown) {
          @Override
          public void println(String line) {
            if (line.contains("x-trial")) {
              throw new IllegalStateException("cannot be shown");
            }
          }
        };

    assertRefused(broken, Status.Code.UNKNOWN, "cannot be shown");
  }

  private void assertRefused(PrintWriter err, Status.Code code, String reason) {
    var session =
        new Session(new InputReader() {}, new PrintWriter(shown), err, UnaryOperator.identity());
    var stub =
        GreeterGrpc.newBlockingV2Stub(channel)
            .withInterceptors(new Trace(Output.of(null, session), "authorization"));

    assertThatThrownBy(() -> stub.greet(GreetingRequest.getDefaultInstance()))
        .isInstanceOfSatisfying(
            StatusException.class, e -> assertThat(e.getStatus().getCode()).isEqualTo(code))
        .hasStackTraceContaining(reason);
  }

  private final class Refusing extends GreeterGrpc.GreeterImplBase {
    @Override
    public void greet(GreetingRequest request, StreamObserver<GreetingResponse> answers) {
      // As they come from the network, which takes more names than the API does.
      byte[][] trailers = {bytes(trailer), bytes("1"), bytes("x-last"), bytes("2")};
      answers.onError(
          Status.NOT_FOUND
              .withDescription("nobody")
              .asException(InternalMetadata.newMetadata(trailers)));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }
}
