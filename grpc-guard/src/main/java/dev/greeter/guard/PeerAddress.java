package dev.greeter.guard;

import com.google.common.net.InetAddresses;
import io.grpc.Grpc;
import io.grpc.ServerCall;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Maps addresses to the keys of their limits. */
final class PeerAddress {

  /** The first 64 of the 96 bits of 64:ff9b::/96; the others are 0. */
  private static final long NAT64 = 0x64_ff9b_0000_0000L;

  private PeerAddress() {}

  /** Returns the origin of a call as text for the log. */
  static String textOf(ServerCall<?, ?> call) {
    SocketAddress from = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    return from instanceof InetSocketAddress inet && inet.getAddress() != null
        ? inet.getAddress().getHostAddress()
        : String.valueOf(from);
  }

  /** Returns {@link #of(SocketAddress)} for the origin of a call. */
  static @Nullable Object ofCall(ServerCall<?, ?> call) {
    return of(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
  }

  /**
   * Returns a key for all addresses that count as one caller: the IPv4 address or the IPv6 /64
   * network, the smallest that a site is assigned (RFC 6177). An address that a NAT64 gateway
   * derived from IPv4 (RFC 6052, section 2.1) counts as that IPv4 address.
   *
   * @param peer the origin of a connection
   * @return a key with {@code equals} and {@code hashCode}; null without an IP address, as
   *     in-process: no limit of an address applies
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
