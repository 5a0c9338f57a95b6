package dev.greeter.guard.netty;

import com.google.common.collect.ConcurrentHashMultiset;
import com.google.common.collect.Multiset;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * Accepts connections no faster than they make their first call. The others wait in the kernel's
 * queue, where they neither slow down existing clients nor displace a newcomer before it can
 * authenticate. A slow connection is awaited only briefly: otherwise connections without a call
 * would block all others. Belongs in the pipeline of a listening channel.
 */
final class AcceptThrottle extends ChannelInboundHandlerAdapter {

  /** The event that a connection was authenticated. */
  static final Object AUTHENTICATED = new Object();

  /** The number that the event loops set up in about 20 ms. */
  private static final int MAX_WAITING = 200;

  /**
   * How long to wait for a connection that sends nothing. If its event loop is busy, a round lasts
   * until that has served all others once, for example the TLS handshakes of a hundred clients
   * after a restart.
   */
  static final int ROUNDS = 10;

  static final int ROUND_MILLIS = 20;

  private final int max;
  private final int maxPerAddress;

  /** The addresses of the awaited connections. */
  private final Multiset<InetAddress> waiting = ConcurrentHashMultiset.create();

  /**
   * @param places how many unauthenticated connections are allowed before the oldest gives way
   * @param perAddress of these, those from one address
   */
  AcceptThrottle(int places, int perAddress) {
    this.max = Math.min(places, MAX_WAITING);
    this.maxPerAddress = perAddress;
  }

  @Override
  public void channelRead(ChannelHandlerContext listening, Object accepted) {
    Channel connection = (Channel) accepted;
    InetAddress address =
        connection.remoteAddress() instanceof InetSocketAddress from && from.getAddress() != null
            ? from.getAddress()
            : InetAddress.getLoopbackAddress();
    var newcomer = new Newcomer(listening.channel(), address);
    connection.pipeline().addFirst(newcomer);
    connection.closeFuture().addListener(closed -> newcomer.count());
    waiting.add(address);
    if (waiting.count(address) >= maxPerAddress || waiting.size() >= max) {
      listening.channel().config().setAutoRead(false);
      // They may have authenticated before auto-read was turned off.
      acceptIfFew(listening.channel());
    }
    listening.fireChannelRead(connection);
  }

  private void acceptIfFew(Channel listening) {
    if (listening.isOpen()
        && !listening.config().isAutoRead()
        && waiting.size() <= max / 2
        && waiting.entrySet().stream().allMatch(each -> each.getCount() <= maxPerAddress / 2)) {
      listening.config().setAutoRead(true);
    }
  }

  /** Detects on its event loop when a connection is no longer awaited. */
  private final class Newcomer extends ChannelInboundHandlerAdapter {

    private final Channel listening;
    private final InetAddress address;
    private boolean counted;

    Newcomer(Channel listening, InetAddress address) {
      this.listening = listening;
      this.address = address;
    }

    @Override
    public void channelRegistered(ChannelHandlerContext context) {
      awaitCall(context.executor(), ROUNDS);
      context.fireChannelRegistered();
    }

    private void awaitCall(EventExecutor loop, int rounds) {
      if (rounds == 0) {
        count();
      } else if (!counted) {
        var unused =
            loop.schedule(() -> awaitCall(loop, rounds - 1), ROUND_MILLIS, TimeUnit.MILLISECONDS);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event == AUTHENTICATED) {
        count();
      } else {
        context.fireUserEventTriggered(event);
      }
    }

    private void count() {
      if (!counted) {
        counted = true;
        waiting.remove(address);
        acceptIfFew(listening);
      }
    }
  }
}
