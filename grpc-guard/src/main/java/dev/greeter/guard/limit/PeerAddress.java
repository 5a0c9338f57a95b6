package dev.greeter.guard.limit;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What a limit for an address takes for one. */
final class PeerAddress {

  private PeerAddress() {}

  /**
   * Returns what is the same for all that count as one caller: the address, of IPv6 the network of
   * 64 bits, since that is the least that a site is given (RFC 6177).
   *
   * @param peer where a connection comes from; those without an IP address are one
   * @return a key with {@code equals} and {@code hashCode}
   */
  static Object of(@Nullable SocketAddress peer) {
    if (!(peer instanceof InetSocketAddress inet) || inet.getAddress() == null) {
      return "none";
    }
    InetAddress ip = inet.getAddress();
    return ip instanceof Inet6Address ? ByteBuffer.wrap(ip.getAddress()).getLong() : ip;
  }
}
