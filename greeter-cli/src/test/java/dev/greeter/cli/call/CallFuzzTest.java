package dev.greeter.cli.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.greeter.cli.auth.AuthenticationProperties;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.UsageException;
import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import io.grpc.Metadata;
import io.grpc.StatusException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.protobuf.StatusProto;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fuzzes options, settings and a service's answers: each is accepted or rejected. */
class CallFuzzTest {

  private final Targets targets =
      new Targets(
          new GreeterProperties("localhost:50051", "5s", "{}"),
          new AuthenticationProperties("authorization", false),
          new Output(OutputStream.nullOutputStream(), false, t -> {}, UnaryOperator.identity()));

  @ParameterizedTest
  @ValueSource(strings = {"", "localhost", "a:", ":1", "a:0", "a b:50051", "a_b:1", "a/b:1", "#:1"})
  void rejectsInvalidServerAddresses(String server) {
    assertThatThrownBy(() -> targets.of(server, null, List.of(), false))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith("Invalid --server '" + server + "': ")
        .hasMessageContaining(server.equals("a:0") ? "from 1 to 65535" : "it must be host:port");
  }

  @ParameterizedTest
  @CsvSource({"3, 3000", "1m30s, 90000", "1h1m1s1ms, 3661001", "1500us, 1", "PT1M, 60000"})
  void parsesTimeoutFormats(String timeout, long millis) {
    assertThat(targets.of(null, timeout, List.of(), false).timeout()).hasMillis(millis);
  }

  @Property
  void roundTripsAcceptedServerAddresses(Input input) {
    String text =
        input.rest(
            "localhost", ":", "50051", "[::1]", "[", "]", "fe80::1", "%", "eth0", "@", "/", "0");

    if (isAccepted(text, Targets::parseServer)) {
      var address = Targets.parseServer(text);
      assertThat(Targets.parseServer(address.toString())).isEqualTo(address);
      assertThat(address.getPort()).isBetween(1, 65_535);
      assertThat(address.getHost()).isNotEmpty();
    }
  }

  @Property
  void acceptsOnlyPositiveTimeouts(Input input) {
    String text = input.rest("1", "0", "9223372036854775807", "ms", "s", "m", "h", "d", "ns", "PT");

    if (isAccepted(text, Targets::parseTimeout)) {
      assertThat(Targets.parseTimeout(text)).isPositive();
    }
  }

  @Property
  void hidesValuesOfRejectedHeaders(Input input) {
    List<String> headers = new ArrayList<>();
    while (input.hasMore()) {
      headers.add(input.pick("", "x-trial", "Authorization") + ":" + input.text(":", "1", "grpc-"));
    }

    try {
      assertThat(targets.of(null, null, headers, false).interceptors())
          .hasSize(headers.isEmpty() ? 0 : 1);
    } catch (UsageException e) {
      Input.assertHidden(String.valueOf(e.getMessage()));
    }
  }

  @Property
  void hidesValuesOfRejectedSettings(Input input) {
    String server = input.text("localhost", ":", "50051", "[::1]");
    String timeout = input.text("5", "s");

    Input.accepts(() -> new GreeterProperties(server, "5s", "{}"));
    Input.accepts(() -> new GreeterProperties("localhost:1", timeout, "{}"));
  }

  @Property(runs = 1000)
  void appliesOrRejectsArbitraryServiceConfigs(Input input) {
    String tokens =
        "{ } [ ] : , \" \n - &a *a << !! --- ? ~ methodConfig retryPolicy name maxAttempts"
            + " loadBalancingConfig null 1 1.5 2027-01-31 true !!binary a b &a:{b:*a} &a[*a]";
    var words = new ArrayList<>(List.of(tokens.split(" ")));
    words.addAll(List.of(": ", "  ", "- ", "? ", "&a {b: *a}", "&a [*a]", "1: 2"));
    String config = input.rest(words.toArray(String[]::new));

    Input.read(() -> new GreeterProperties("localhost:50051", "5s", config))
        .ifPresent(
            properties -> {
              var builder = InProcessChannelBuilder.forName("nobody");
              try {
                new ChannelConfiguration().serviceConfig(properties).accept(builder, "nobody");
                builder.build().shutdownNow();
              } catch (IllegalStateException e) {
                // Channels reports it.
              }
            });
  }

  @ParameterizedTest
  @CsvSource({
    "20, 0, 20",
    "0, 1000000, 1",
    "59, 999999999, 60",
    "0, 0, 0",
    "999999999999999, 0, 0",
    "-9223372036854775808, -1, 0",
    "5, -7, 0",
    "5, 2147483647, 0"
  })
  void readsRetryDelayFromStatusDetails(long seconds, int nanos, long expected) {
    var failure = failure(Any.pack(BadRequest.getDefaultInstance()), delay(seconds, nanos));

    assertThat(StatusDetails.retrySeconds(failure)).isEqualTo(expected);
    assertThat(StatusDetails.retrySeconds(new ExecutionException(failure))).isEqualTo(expected);
  }

  @Test
  void ignoresMalformedStatusDetails() {
    var trailers = new Metadata();
    trailers.put(
        Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER),
        new byte[] {10, 127});
    var illegible = io.grpc.Status.RESOURCE_EXHAUSTED.asException(trailers);

    assertThat(StatusDetails.retrySeconds(illegible)).isZero();
    assertThat(StatusDetails.fields(illegible)).isEmpty();
  }

  @Property
  void rendersArbitraryStatusDetailsAsJson(Input input) {
    long seconds = input.pick(input.number(), 999_999_999_999_999L, Long.MAX_VALUE, 5L, -5L);
    int nanos = input.pick((int) input.number(), 0, -7, Integer.MAX_VALUE);
    String type =
        input.pick("", "type.googleapis.com/google.rpc.", "type.googleapis.com/google.protobuf.")
            + input.text("/", "google.rpc.", "RetryInfo", "BadRequest", "DebugInfo", "Any");
    var other = Any.newBuilder().setTypeUrl(type).setValue(ByteString.copyFrom(input.bytes()));
    var failure = failure(delay(seconds, nanos), other.build());

    // protobuf's range ends at 10,000 years.
    assertThat(StatusDetails.retrySeconds(failure)).isLessThan(315_576_000_002L);
    String fields = Output.line(StatusDetails.fields(failure));
    assertThat(JsonParser.parseString(fields).getAsJsonObject().getAsJsonArray("details"))
        .hasSize(2);
  }

  private static StatusException failure(Any... details) {
    var status = Status.newBuilder().setCode(Code.RESOURCE_EXHAUSTED_VALUE);
    return StatusProto.toStatusException(status.addAllDetails(List.of(details)).build());
  }

  private static Any delay(long seconds, int nanos) {
    var delay = Duration.newBuilder().setSeconds(seconds).setNanos(nanos);
    return Any.pack(RetryInfo.newBuilder().setRetryDelay(delay).build());
  }

  private static boolean isAccepted(String text, Function<String, ?> parser) {
    try {
      return parser.apply(text) != null;
    } catch (IllegalArgumentException e) {
      assertThat(e).message().containsAnyOf("host:port, ", "the port ", "a duration above zero");
      Input.assertHidden(String.valueOf(e.getMessage()));
      return false;
    }
  }
}
