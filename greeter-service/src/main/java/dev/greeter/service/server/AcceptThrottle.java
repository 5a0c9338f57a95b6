package dev.greeter.service.server;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Accepts connections no faster than the event loops take them up, at a tenth of a millisecond
 * each: the others wait in the system's queue, and not in front of the calls of those that are
 * there, and of newcomers that would lose their place before they authenticate. It stands in the
 * pipeline of a listening channel.
 */
final class AcceptThrottle extends ChannelInboundHandlerAdapter {

  private static final int MAX_WAITING = 32;

  private final AtomicInteger waiting = new AtomicInteger();

  @Override
  public void channelRead(ChannelHandlerContext listening, Object accepted) {
    Channel connection = (Channel) accepted;
    var takenUp = new TakenUp(listening.channel());
    connection.pipeline().addFirst(takenUp);
    connection.closeFuture().addListener(closed -> takenUp.count());
    if (waiting.incrementAndGet() >= MAX_WAITING) {
      listening.channel().config().setAutoRead(false);
      // The event loops may have taken them up in the meantime, and found nothing to do.
      acceptIfFew(listening.channel(), waiting.get());
    }
    listening.fireChannelRead(connection);
  }

  private static void acceptIfFew(Channel listening, int waiting) {
    if (waiting <= MAX_WAITING / 2 && !listening.config().isAutoRead()) {
      listening.config().setAutoRead(true);
    }
  }

  /** Its event loop calls it when the connection is set up, or has failed to be. */
  private final class TakenUp extends ChannelInboundHandlerAdapter {

    private final Channel listening;
    private boolean counted;

    TakenUp(Channel listening) {
      this.listening = listening;
    }

    @Override
    public void channelRegistered(ChannelHandlerContext context) {
      count();
      context.pipeline().remove(this);
      context.fireChannelRegistered();
    }

    private void count() {
      if (!counted) {
        counted = true;
        acceptIfFew(listening, waiting.decrementAndGet());
      }
    }
  }
}
