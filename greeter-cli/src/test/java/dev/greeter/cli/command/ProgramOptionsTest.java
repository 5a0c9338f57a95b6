package dev.greeter.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.diagnostics.FailureAnalyzedException;

/** The options of the program, and the settings that they stand for. */
class ProgramOptionsTest {

  private static final String SECURITY = "grpc.client.GLOBAL.security.";

  @Test
  void areTakenOutOfTheArguments() {
    var options =
        ProgramOptions.of(
            "--cacert=/ca.pem", "greet", "--cert", "/c.pem", "Ada", "--key", "/k.pem", "--wait");

    assertThat(options.words()).containsExactly("greet", "Ada", "--wait");
    assertThat(options.settings())
        .containsOnly(
            entry("grpc.client.GLOBAL.negotiation-type", "tls"),
            entry(SECURITY + "trust-cert-collection", "file:///ca.pem"),
            entry(SECURITY + "client-auth-enabled", "true"),
            entry(SECURITY + "certificate-chain", "file:///c.pem"),
            entry(SECURITY + "private-key", "file:///k.pem"));
  }

  @Test
  void setWhatTheyAreNamedFor() {
    assertThat(ProgramOptions.of("--tls", "--authority", "a.example").settings())
        .containsOnly(
            entry("grpc.client.GLOBAL.negotiation-type", "tls"),
            entry(SECURITY + "authority-override", "a.example"));
    assertThat(ProgramOptions.of("--secret-file", "/run/secret").settings())
        .containsOnly(entry("greeter.auth.value-file", "/run/secret"));
  }

  @Test
  void areNamesBehindTwoDashes() {
    var options = ProgramOptions.of("greet", "--", "--tls", "--key");

    assertThat(options.words()).containsExactly("greet", "--", "--tls", "--key");
    assertThat(options.settings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--key", "--key --tls", "--key=", "--tls=yes"})
  void areRefusedWithoutTheirValue(String line) {
    assertThatThrownBy(() -> ProgramOptions.of(line.split(" ")))
        .isInstanceOf(FailureAnalyzedException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--cacert", "--cert", "--key"})
  void areRefusedWithANameThatNoFileCanHave(String option) {
    assertThatThrownBy(() -> ProgramOptions.of(option, "a\0b"))
        .isInstanceOf(FailureAnalyzedException.class);
  }
}
