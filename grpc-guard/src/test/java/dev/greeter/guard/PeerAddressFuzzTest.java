package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.InetAddresses;
import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import io.grpc.inprocess.InProcessSocketAddress;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests which addresses count as one caller. */
class PeerAddressFuzzTest {

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.2, false",
    "2001:db8::1, 2001:db8::ffff:ffff:ffff:ffff, true",
    "2001:db8::1, 2001:db8:0:1::1, false",
    "64:ff9b::192.0.2.1, 192.0.2.1, true",
    "64:ff9b::192.0.2.1, 64:ff9b::192.0.2.2, false",
    "64:ff9b::1:192.0.2.1, 192.0.2.1, false",
    "64:ff9b:1::192.0.2.1, 64:ff9b:1::192.0.2.2, true",
  })
  void groupsIpv6ByNetworkAndNat64ByIpv4(String one, String other, boolean same) {
    assertThat(key(InetAddresses.forString(one)).equals(key(InetAddresses.forString(other))))
        .isEqualTo(same);
  }

  @Test
  void returnsNullWithoutIpAddress() {
    assertThat(PeerAddress.of(null)).isNull();
    assertThat(PeerAddress.of(new InProcessSocketAddress("a"))).isNull();
    assertThat(PeerAddress.of(InetSocketAddress.createUnresolved("a", 1))).isNull();
  }

  @Property
  void groupsAddressesOfSameNetwork(Input input) throws Exception {
    long network = input.number();
    InetAddress one = address(network, input.number());

    assertThat(key(one)).isEqualTo(key(address(network, input.number())));
    // The text from Java, as in the access log, parses to the same address.
    assertThat(key(InetAddress.getByName(one.getHostAddress()))).isEqualTo(key(one));
  }

  @Property
  void separatesDifferentNetworks(Input input) throws Exception {
    long one = input.number();
    long other = one ^ (1L << input.below(Long.SIZE));

    assertThat(key(address(one, 1))).isNotEqualTo(key(address(other, 1)));
  }

  @Property
  void treatsMappedIpv4AsIpv4(Input input) throws Exception {
    byte[] bytes = ByteBuffer.allocate(Integer.BYTES).putInt((int) input.number()).array();
    InetAddress address = InetAddress.getByAddress(bytes);

    assertThat(key(address)).isEqualTo(address).isInstanceOf(Inet4Address.class);
    // As a dual-stack socket shows it.
    byte[] mapped = ByteBuffer.allocate(16).putShort(10, (short) -1).put(12, bytes).array();
    assertThat(key(InetAddress.getByAddress(mapped))).isEqualTo(address);
  }

  private static InetAddress address(long network, long host) throws UnknownHostException {
    // Not 0, which with the right host would be an IPv4 address.
    long high = network == 0 ? Long.MAX_VALUE : network;
    return InetAddress.getByAddress(ByteBuffer.allocate(16).putLong(high).putLong(host).array());
  }

  private static Object key(InetAddress address) {
    return Objects.requireNonNull(PeerAddress.of(new InetSocketAddress(address, 1)));
  }
}
