package dev.greeter.cli.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.auth.AuthenticationProperties;
import dev.greeter.cli.error.UsageException;
import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Of whatever a command's options, or the settings, say of a service. */
class TargetsFuzzTest {

  private final Targets targets =
      new Targets(
          new GreeterProperties("localhost:50051", "5s", "{}"),
          new AuthenticationProperties("authorization", null, false));

  @Property
  void anAddressIsRefusedOrReadAgain(Input input) {
    String text =
        input.rest(
            "localhost", ":", "50051", "[::1]", "[", "]", "fe80::1", "%", "eth0", "@", "/", "0");

    read(text, Targets::parseServer)
        .ifPresent(
            address -> {
              assertThat(Targets.parseServer(address.toString())).isEqualTo(address);
              assertThat(address.getPort()).isBetween(1, 65_535);
              assertThat(address.getHost()).isNotEmpty();
            });
  }

  @Property
  void aDurationIsRefusedOrPositive(Input input) {
    String text = input.rest("1", "0", "9223372036854775807", "ms", "s", "m", "h", "d", "ns", "PT");

    read(text, Targets::parseTimeout)
        .ifPresent(timeout -> assertThat(timeout).isGreaterThan(Duration.ZERO));
  }

  @Property
  void aDurationThatIsWrittenIsRead(Input input) {
    Duration written = Duration.ofNanos(Math.max(1, input.number() >>> 16));
    String text =
        "%dh%dm%ds%dns"
            .formatted(
                written.toHours(),
                written.toMinutesPart(),
                written.toSecondsPart(),
                written.toNanosPart());

    assertThat(Targets.parseTimeout(text)).isEqualTo(written);
  }

  @Property
  void aHeaderIsRefusedWithoutItsValueOrSent(Input input) {
    List<String> headers = new ArrayList<>();
    while (input.hasMore()) {
      headers.add(input.pick("", "x-trial", "Authorization") + ":" + input.text(":", "1", "grpc-"));
    }

    try {
      assertThat(targets.of(null, null, headers).interceptors()).hasSize(headers.isEmpty() ? 0 : 1);
    } catch (UsageException e) {
      // What stands in front of the first colon is shown, and here is no marker.
      Input.assertHidden(String.valueOf(e.getMessage()));
    }
  }

  @Property
  void settingsAreRefusedWithoutBeingShown(Input input) {
    String server = input.text("localhost", ":", "50051", "[::1]");
    String timeout = input.text("5", "s");
    String config = input.text("{", "}", ":", "\"", "[", "]", ",");

    Input.accepts(() -> new GreeterProperties(server, "5s", "{}"));
    Input.accepts(() -> new GreeterProperties("localhost:1", timeout, "{}"));
    Input.accepts(() -> new GreeterProperties("localhost:1", "5s", config));
  }

  private static <T> Optional<T> read(String text, Function<String, T> reader) {
    try {
      return Optional.of(reader.apply(text));
    } catch (IllegalArgumentException e) {
      assertThat(e).hasNoCause().message().containsAnyOf("host:port, ", "a duration above zero");
      Input.assertHidden(String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }
}
