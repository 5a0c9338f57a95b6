package dev.greeter.service.connection;

import dev.greeter.guard.limit.Peer;
import io.grpc.netty.shaded.io.netty.channel.ChannelDuplexHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelOutboundBuffer;

/**
 * Bounds what is kept for a peer that does not read: nothing more is read from it until it does,
 * and its connection is closed if there is too much all the same, of a stranger soon. HTTP/2 has no
 * flow control for answers that are no data, of which Netty keeps 10,000 for each connection, and
 * TLS 1.3 answers each KeyUpdate.
 */
final class UnreadAnswers extends ChannelDuplexHandler {

  /** In bytes as Netty counts them, with so many for each buffer beside what it holds. */
  private static final int MAX_FOR_STRANGERS = 4 * 1024;

  /** Above what waits before nothing is read, and the largest frame. */
  private static final int MAX = 48 * 1024;

  private final Peer peer;
  private boolean ready;

  UnreadAnswers(Peer peer) {
    this.peer = peer;
  }

  /** From now on all that is sent are answers; before it may be many certificates. */
  void ready() {
    ready = true;
  }

  @Override
  public void flush(ChannelHandlerContext context) {
    context.flush();
    ChannelOutboundBuffer unread = context.channel().unsafe().outboundBuffer();
    int max = ready && !peer.isAccepted() ? MAX_FOR_STRANGERS : MAX;
    if (unread != null && unread.totalPendingWriteBytes() > max) {
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
