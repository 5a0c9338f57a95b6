package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.inprocess.InProcessSocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What counts as one caller. */
class PeerAddressTest {

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1, true",
    "192.0.2.1, 192.0.2.2, false",
    "2001:db8::1, 2001:db8::ffff:ffff:ffff:ffff, true",
    "2001:db8::1, 2001:db8:0:1::1, false",
    "::ffff:192.0.2.1, ::ffff:192.0.2.2, false",
    "::ffff:192.0.2.1, 192.0.2.1, true",
    "64:ff9b::192.0.2.1, 192.0.2.1, true",
    "64:ff9b::192.0.2.1, 64:ff9b::192.0.2.2, false",
    "64:ff9b::1:192.0.2.1, 192.0.2.1, false",
    "64:ff9b:1::192.0.2.1, 64:ff9b:1::192.0.2.2, true",
  })
  void isAnAddressOrANetworkOf64Bits(String one, String other, boolean same)
      throws UnknownHostException {
    Object key = Objects.requireNonNull(PeerAddress.of(peer(one, 1)));
    assertThat(key.equals(PeerAddress.of(peer(other, 2)))).isEqualTo(same);
  }

  @Test
  void isNothingWithoutAnIpAddress() {
    assertThat(PeerAddress.of(null)).isNull();
    assertThat(PeerAddress.of(new InProcessSocketAddress("a"))).isNull();
    assertThat(PeerAddress.of(InetSocketAddress.createUnresolved("a", 1))).isNull();
  }

  private static InetSocketAddress peer(String address, int port) throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getByName(address), port);
  }
}
