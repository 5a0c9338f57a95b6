package dev.greeter.service.server;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;

/** Gives each connection that is accepted a {@link WriteMerger}. */
final class MergeWrites extends ChannelInboundHandlerAdapter {

  @Override
  public void channelRead(ChannelHandlerContext context, Object accepted) {
    ((Channel) accepted).pipeline().addFirst(new WriteMerger());
    context.fireChannelRead(accepted);
  }
}
