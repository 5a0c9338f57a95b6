package dev.greeter.guard;

import com.google.common.net.InetAddresses;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What a limit for an address takes for one. */
final class PeerAddress {

  /** The first 64 of the 96 bits of 64:ff9b::/96; the others are 0. */
  private static final long NAT64 = 0x64_ff9b_0000_0000L;

  private PeerAddress() {}

  /**
   * Returns what is the same for all that count as one caller: the address, of IPv6 the network of
   * 64 bits, since that is the least that a site is given (RFC 6177). An address that a NAT64
   * gateway made of one of IPv4 (RFC 6052, section 2.1) counts as that.
   *
   * @param peer where a connection comes from
   * @return a key with {@code equals} and {@code hashCode}; null without an IP address, as within
   *     the process: no limit of an address applies
   */
  static @Nullable Object of(@Nullable SocketAddress peer) {
    if (!(peer instanceof InetSocketAddress inet) || inet.getAddress() == null) {
      return null;
    }
    InetAddress ip = inet.getAddress();
    if (!(ip instanceof Inet6Address)) {
      return ip;
    }
    ByteBuffer bytes = ByteBuffer.wrap(ip.getAddress());
    long network = bytes.getLong();
    return network == NAT64 && bytes.getInt() == 0
        ? InetAddresses.fromInteger(bytes.getInt())
        : network;
  }
}
