package dev.greeter.service.limit;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler.Sharable;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a connection that is one too many as soon as it is accepted, before it has cost a handler
 * or a byte was read. It stands in the pipeline of a listening channel of TCP.
 */
@Sharable
final class ConnectionGate extends ChannelInboundHandlerAdapter {

  private static final Logger log = LoggerFactory.getLogger(ConnectionGate.class);
  private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(1);

  private final int max;
  private final int maxPerAddress;
  private final Map<SocketAddress, Integer> openByAddress = new HashMap<>();
  private int open;
  private long refused;
  private long nextWarning = System.nanoTime();

  /**
   * Creates the gate.
   *
   * @param max connections that are open at once
   * @param maxPerAddress connections that are open at once from one IP address
   */
  ConnectionGate(int max, int maxPerAddress) {
    this.max = max;
    this.maxPerAddress = maxPerAddress;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object accepted) {
    Channel connection = (Channel) accepted;
    var address = withoutPort((InetSocketAddress) connection.remoteAddress());
    if (admit(address)) {
      connection.closeFuture().addListener(closed -> release(address));
      ctx.fireChannelRead(connection);
    } else {
      // It has no event loop yet, on which an orderly close() would run.
      connection.unsafe().closeForcibly();
    }
  }

  /** Returns how many connections are open. */
  synchronized int open() {
    return open;
  }

  private synchronized boolean admit(SocketAddress address) {
    int fromAddress = openByAddress.getOrDefault(address, 0);
    if (open >= max || fromAddress >= maxPerAddress) {
      warn(fromAddress);
      return false;
    }
    open++;
    openByAddress.put(address, fromAddress + 1);
    return true;
  }

  private synchronized void release(SocketAddress address) {
    open--;
    openByAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
  }

  private void warn(int fromAddress) {
    refused++;
    if (System.nanoTime() - nextWarning >= 0) {
      log.warn(
          "Connections are refused, {} so far: {} are open, {} from the address of the last one",
          refused,
          open,
          fromAddress);
      nextWarning = System.nanoTime() + BETWEEN_WARNINGS.toNanos();
    }
  }

  private static SocketAddress withoutPort(InetSocketAddress address) {
    return new InetSocketAddress(address.getAddress(), 0);
  }
}
