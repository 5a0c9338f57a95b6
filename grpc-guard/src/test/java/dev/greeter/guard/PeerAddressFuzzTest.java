package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Objects;

/** Of whatever address a connection comes from. */
class PeerAddressFuzzTest {

  @Property
  void addressesOfOneNetworkAreOne(Input input) throws Exception {
    long network = input.number();
    InetAddress one = address(network, input.number());
    InetAddress other = address(network, input.number());

    assertThat(key(one)).isEqualTo(key(other));
    // What Java prints, as the access log does, is the same address again.
    assertThat(key(InetAddress.getByName(one.getHostAddress()))).isEqualTo(key(one));
  }

  @Property
  void addressesOfDifferentNetworksAreNotOne(Input input) throws Exception {
    byte[] one = ByteBuffer.allocate(Long.BYTES).putLong(input.number()).array();
    byte[] other = one.clone();
    other[input.below(Integer.BYTES)] ^= (byte) (1 << input.below(Byte.SIZE));

    assertThat(key(address(ByteBuffer.wrap(one).getLong(), 1)))
        .isNotEqualTo(key(address(ByteBuffer.wrap(other).getLong(), 1)));
    assertThat(key(InetAddress.getByAddress(new byte[] {one[0], one[1], one[2], one[3]})))
        .isNotEqualTo(
            key(InetAddress.getByAddress(new byte[] {other[0], other[1], other[2], other[3]})));
  }

  @Property
  void anAddressOfIpv4IsItself(Input input) throws Exception {
    var bytes = new byte[4];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) input.below(256);
    }
    InetAddress address = InetAddress.getByAddress(bytes);

    assertThat(key(address)).isEqualTo(address).isInstanceOf(Inet4Address.class);
    // As a socket that takes both kinds shows it.
    byte[] mapped = ByteBuffer.allocate(16).putShort(10, (short) -1).put(12, bytes).array();
    assertThat(key(InetAddress.getByAddress(mapped))).isEqualTo(address);
  }

  private static InetAddress address(long network, long host) throws UnknownHostException {
    // Not 0, which with the right host would be an address of IPv4.
    long high = network == 0 ? 1 : network;
    return InetAddress.getByAddress(ByteBuffer.allocate(16).putLong(high).putLong(host).array());
  }

  private static Object key(InetAddress address) {
    return Objects.requireNonNull(PeerAddress.of(new InetSocketAddress(address, 1)));
  }
}
