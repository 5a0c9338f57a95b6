package dev.greeter.cli.greeting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.cli.error.InvalidSettingException;
import dev.greeter.cli.error.UsageException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which options and settings are understood. */
class TargetTest {

  @Test
  void takesWhatNoOptionSaysFromTheSettings() {
    assertThat(target(null, null)).isEqualTo(target("localhost:50051", "5s"));
  }

  @Test
  void takesOptionsBeforeSettings() {
    Target target = target("[::1]:1234", "250ms");

    assertThat(target.server()).hasToString("[::1]:1234");
    assertThat(target.timeout()).isEqualTo(Duration.ofMillis(250));
  }

  @Test
  void takesANumberWithoutAUnitAsSeconds() {
    assertThat(target(null, "3").timeout()).isEqualTo(Duration.ofSeconds(3));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "localhost", "localhost:", ":1", "a:b", "a:0", "a:65536", "a:1:2"})
  void refusesWhatIsNoAddress(String server) {
    assertThatThrownBy(() -> target(server, null))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("--server", "host:port");
    assertThatThrownBy(() -> new GreeterProperties(server, "5s"))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContainingAll("greeter.server", "GREETER_SERVER");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "-1s", "soon", "999999999999d"})
  void refusesWhatIsNoTimeout(String timeout) {
    assertThatThrownBy(() -> target(null, timeout))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("--timeout", "such as 5s");
    assertThatThrownBy(() -> new GreeterProperties("localhost:50051", timeout))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContainingAll("greeter.timeout", "GREETER_TIMEOUT");
  }

  private static Target target(@Nullable String server, @Nullable String timeout) {
    return Target.of(server, timeout, new GreeterProperties("localhost:50051", "5s"));
  }
}
