package dev.greeter.cli.auth;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.cli.error.UsageException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the secret may go in clear text. */
class PlaintextGuardTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"localhost:50051", "a.localhost:1", "127.0.0.1:1", "127.9.9.9:1", "[::1]:1"})
  void thisMachine(String authority) {
    assertThatCode(() -> new PlaintextGuard(false).check(authority)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "greeter-service:50051",
        "localhost.example:1",
        "mylocalhost:1",
        "10.0.0.1:1",
        "0.0.0.0:1",
        "127.0.0.1.example:1",
        "[fe80::1]:1",
      })
  void nowhereElseUnlessItIsEncryptedOrAllowed(String authority) {
    assertThatThrownBy(() -> new PlaintextGuard(false).check(authority))
        .isInstanceOf(UsageException.class)
        .hasMessageContainingAll(authority, "TLS", "GREETER_AUTH_ALLOW_PLAINTEXT=true");
    assertThatCode(() -> new PlaintextGuard(true).check(authority)).doesNotThrowAnyException();
  }
}
