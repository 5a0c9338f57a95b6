package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.HostAndPort;
import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import java.net.InetAddress;
import java.net.URI;

/** Of whatever authority a call goes to, as long as gRPC takes it for one. */
class PlaintextGuardFuzzTest {

  private final PlaintextGuard guard =
      new PlaintextGuard(Refusal::new, name -> InetAddress.getAllByName("192.0.2.1"));

  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    Refusal(String authority) {
      super(authority);
    }
  }

  @Property
  void theSecretStaysOrGoesToThisMachine(Input input) {
    String authority =
        input.text("[", "]", "[::1%eth9]", "[fe80::1%lo]", "127.0.0.1", ":1", "localhost", ".");
    String host;
    try {
      host = HostAndPort.fromString(authority).getHost();
      if (URI.create("//" + authority).getHost() == null) {
        return;
      }
    } catch (IllegalArgumentException e) {
      return;
    }

    try {
      guard.check(authority);
      assertThat(host).containsAnyOf("127.", "::");
    } catch (Refusal e) {
      assertThat(e).hasMessage(authority);
    }
  }
}
