package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.net.InetAddresses;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the secret may go in clear text. */
class PlaintextGuardTest {

  private final PlaintextGuard guard = guard("127.0.0.1");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost:50051",
        "Localhost:1",
        "localhost.:1",
        "a.localhost:1",
        "127.0.0.1:1",
        "127.9.9.9:1",
        "[::1]:1",
        "[::1%nowhere]:1"
      })
  void thisMachine(String authority) {
    assertThatCode(() -> guard.check(authority)).doesNotThrowAnyException();
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
        "[fe80::1%nowhere]:1",
      })
  void nowhereElseUnlessItIsEncryptedOrAllowed(String authority) {
    assertThatThrownBy(() -> guard.check(authority))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Not to " + authority);
    assertThatCode(() -> PlaintextGuard.OPEN.check(authority)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:1", "a.localhost:1"})
  void notToANameThatTheSystemFindsElsewhere(String authority) {
    assertThatThrownBy(() -> guard("127.0.0.1", "10.0.0.1").check(authority))
        .hasMessage("Not to " + authority);
    assertThatThrownBy(() -> guard().check(authority)).hasMessage("Not to " + authority);
  }

  /** A guard on a machine where every name has the same addresses. */
  private static PlaintextGuard guard(String... addresses) {
    return new PlaintextGuard(
        authority -> new IllegalStateException("Not to " + authority),
        name -> {
          if (addresses.length == 0) {
            throw new UnknownHostException(name);
          }
          return Arrays.stream(addresses).map(InetAddresses::forString).toArray(InetAddress[]::new);
        });
  }
}
