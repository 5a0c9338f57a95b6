package dev.greeter.service.limit;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelDuplexHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler.Sharable;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Reads nothing more of a connection while its peer does not read what it was sent. HTTP/2 has
 * limits of its own for that, but TLS 1.3 answers each KeyUpdate below it, and the answers are
 * kept: one stranger's connection took 85 MB of heap in 25 s. It stands in the pipeline of a
 * listening channel.
 */
@Sharable
final class UnreadAnswers extends ChannelInboundHandlerAdapter {

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object accepted) {
    ((Channel) accepted).pipeline().addFirst(new Pause());
    ctx.fireChannelRead(accepted);
  }

  /** Follows whether Netty takes the connection to be writable: 64 KB wait to be sent, or 32 KB. */
  static final class Pause extends ChannelDuplexHandler {

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      ctx.channel().config().setAutoRead(ctx.channel().isWritable());
      ctx.fireChannelWritabilityChanged();
    }

    /** The handler of TLS asks by itself for what completes a record. */
    @Override
    public void read(ChannelHandlerContext ctx) {
      if (ctx.channel().isWritable()) {
        ctx.read();
      }
    }
  }
}
