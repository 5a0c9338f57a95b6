package dev.greeter.service.connection;

import dev.greeter.service.calls.Peer;
import io.grpc.netty.shaded.io.netty.channel.ChannelDuplexHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelOutboundBuffer;

/**
 * Bounds what is kept for a peer that does not read: a stranger's connection is closed; from
 * another peer nothing more is read until it reads. HTTP/2 has no flow control for answers that are
 * no data, of which Netty keeps 10,000 for each connection, and TLS 1.3 answers each KeyUpdate.
 */
final class UnreadAnswers extends ChannelDuplexHandler {

  /** Of Netty's count, in which each buffer is 96 bytes and what it holds. */
  private static final int MAX_FOR_STRANGERS = 4 * 1024;

  private final Peer peer;

  UnreadAnswers(Peer peer) {
    this.peer = peer;
  }

  @Override
  public void flush(ChannelHandlerContext context) {
    context.flush();
    ChannelOutboundBuffer unread = context.channel().unsafe().outboundBuffer();
    if (unread != null
        && unread.totalPendingWriteBytes() > MAX_FOR_STRANGERS
        && !peer.isAccepted()) {
      context.close();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    context.channel().config().setAutoRead(context.channel().isWritable());
    context.fireChannelWritabilityChanged();
  }

  /** That of TLS asks by itself for what completes a record. */
  @Override
  public void read(ChannelHandlerContext context) {
    if (context.channel().isWritable()) {
      context.read();
    }
  }
}
