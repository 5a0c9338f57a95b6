package dev.greeter.guard.netty;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.google.common.net.InetAddresses;
import com.google.common.util.concurrent.RateLimiter;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ReplayingDecoder;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the header that a proxy sends before its client's data: PROXY protocol, version 1 or 2
 * (proxy-protocol.txt of HAProxy). Then it leaves the pipeline. A connection without a header is
 * closed, since a client could send one itself; if the header is late, gRPC closes it as a late
 * handshake. (gRPC's shaded Netty, 1.83, has no decoder for it.)
 */
final class ProxyHeader extends ReplayingDecoder<Void> {

  private static final Logger log = LoggerFactory.getLogger(ProxyHeader.class);
  private static final RateLimiter LINES = RateLimiter.create(0.5);

  private static final int MAX_TEXT = 107;
  private static final Pattern TEXT =
      Pattern.compile("PROXY (?:UNKNOWN(?: .*)?|TCP([46]) (\\S+) \\S+ (\\d{1,5}) \\d{1,5})\r\n");

  private static final byte[] BINARY = "\r\n\r\n\0\r\nQUIT\n".getBytes(ISO_8859_1);
  private static final int LOCAL = 0x20;
  private static final int PROXY = 0x21;
  private static final int UNSPECIFIED = 0x00;
  private static final int TCP4 = 0x11;
  private static final int TCP6 = 0x21;

  /** The longest addresses, of Unix sockets, plus 300 bytes that load balancers may add. */
  private static final int MAX_BODY = 520;

  private final Predicate<InetSocketAddress> admission;

  /**
   * @param admission receives the client's address, except for the proxy's own connections, such as
   *     health checks; returns whether the connection may continue
   */
  ProxyHeader(Predicate<InetSocketAddress> admission) {
    this.admission = admission;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    try {
      boolean binary = in.getByte(in.readerIndex()) == BINARY[0];
      InetSocketAddress client = binary ? binary(in) : text(in);
      if (client == null || admission.test(client)) {
        context.pipeline().remove(this);
        return;
      }
    } catch (IllegalArgumentException | UnknownHostException e) {
      if (LINES.tryAcquire()) {
        log.warn(
            "A connection of the trusted proxy {} does not start with a header of the PROXY"
                + " protocol: it was closed",
            context.channel().remoteAddress());
      }
    }
    in.skipBytes(actualReadableBytes());
    context.close();
  }

  private static @Nullable InetSocketAddress text(ByteBuf in) {
    var line = new StringBuilder();
    do {
      require(line.length() < MAX_TEXT);
      line.append((char) in.readUnsignedByte());
    } while (line.charAt(line.length() - 1) != '\n');
    Matcher header = TEXT.matcher(line);
    require(header.matches());
    if (header.group(1) == null) {
      return null;
    }
    InetAddress ip = InetAddresses.forString(header.group(2));
    require(header.group(1).equals("6") || ip instanceof Inet4Address);
    return new InetSocketAddress(ip, Integer.parseInt(header.group(3)));
  }

  private static @Nullable InetSocketAddress binary(ByteBuf in) throws UnknownHostException {
    for (byte expected : BINARY) {
      require(in.readByte() == expected);
    }
    int command = in.readByte();
    int family = in.readByte();
    var body = new byte[in.readUnsignedShort()];
    require((command == LOCAL || command == PROXY) && body.length <= MAX_BODY);
    in.readBytes(body);
    if (command == LOCAL || family == UNSPECIFIED) {
      return null;
    }
    var ip = new byte[family == TCP4 ? 4 : 16];
    require((family == TCP4 || family == TCP6) && body.length >= 2 * ip.length + 4);
    int port = ByteBuffer.wrap(body).get(ip).getShort(2 * ip.length) & 0xFFFF;
    return new InetSocketAddress(InetAddress.getByAddress(ip), port);
  }

  private static void require(boolean condition) {
    if (!condition) {
      throw new IllegalArgumentException();
    }
  }
}
