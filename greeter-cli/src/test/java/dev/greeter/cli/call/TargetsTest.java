package dev.greeter.cli.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.cli.auth.AuthenticationProperties;
import dev.greeter.cli.error.UsageException;
import dev.greeter.guard.InvalidSettingException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which options and settings are understood. */
class TargetsTest {

  @Test
  void takesWhatNoOptionSaysFromTheSettings() {
    Target target = target(null, null);

    assertThat(target.server()).hasToString("localhost:50051");
    assertThat(target.timeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(target.interceptors()).isEmpty();
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
  @ValueSource(
      strings = {
        "",
        "localhost",
        "localhost:",
        ":1",
        "a:b",
        "a:0",
        "a:65536",
        "a:1:2",
        "a b:1",
        "a_b:1",
        "a/b:1",
        "..:1",
        "\u00e4:1",
        "#:1"
      })
  void refusesWhatIsNoAddress(String server) {
    assertThatThrownBy(() -> target(server, null))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("--server", "host:port");
    assertThatThrownBy(() -> new GreeterProperties(server, "5s", "{}"))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageStartingWith("server is not ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "-1s", "soon", "999999999999d"})
  void refusesWhatIsNoTimeout(String timeout) {
    assertThatThrownBy(() -> target(null, timeout))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("--timeout", "such as 500ms");
    assertThatThrownBy(() -> new GreeterProperties("localhost:50051", timeout, "{}"))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageStartingWith("timeout is not ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "round_robin", "[]", "a: b: c"})
  void refusesWhatIsNoServiceConfig(String config) {
    assertThatThrownBy(() -> new GreeterProperties("localhost:50051", "5s", config))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageStartingWith("service-config is not ");
  }

  @ParameterizedTest
  @CsvSource({"1m30s, 90000", "1h1m1s1ms, 3661001", "1500us, 1", "PT1M, 60000"})
  void takesADurationOfSeveralParts(String timeout, long millis) {
    assertThat(target(null, timeout).timeout().toMillis()).isEqualTo(millis);
  }

  @ParameterizedTest
  @ValueSource(strings = {"authorization:marker", "Authorization : marker"})
  void refusesTheHeaderOfTheSecretWithoutShowingItsValue(String header) {
    assertThatThrownBy(() -> targets().of(null, null, List.of(header)))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("--metadata", "the secret")
        .hasMessageNotContaining("marker");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "x:", ":1", "grpc-x:1", "x-bin:1", "te:1", "x:\u00e4", "x y:1"})
  void refusesWhatIsNoHeader(String header) {
    assertThatThrownBy(() -> targets().of(null, null, List.of(header)))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll("--metadata", "name:value");
  }

  private static Target target(@Nullable String server, @Nullable String timeout) {
    return targets().of(server, timeout, List.of());
  }

  private static Targets targets() {
    return new Targets(
        new GreeterProperties("localhost:50051", "5s", "{}"),
        new AuthenticationProperties("authorization", null, false));
  }
}
