package dev.greeter.service.server;

import dev.greeter.guard.Peer;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufHolder;
import io.grpc.netty.shaded.io.netty.channel.ChannelDuplexHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelOutboundBuffer;
import io.grpc.netty.shaded.io.netty.channel.ChannelOutboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelPipeline;
import io.grpc.netty.shaded.io.netty.channel.ChannelPromise;

/**
 * Bounds what is kept for a peer that does not read: nothing more is read from it until it does,
 * and its connection is closed if there is too much all the same, soon if it is unauthenticated.
 * HTTP/2 has no flow control for answers that are not data, of which Netty keeps 10,000 for each
 * connection, and TLS 1.3 answers each KeyUpdate. Data waits for the peer's window in Netty's flow
 * controller, whose limit is what the peer does not send.
 */
final class OutboundLimit extends ChannelDuplexHandler {

  /** In bytes as Netty counts them, with the overhead of each buffer. */
  private static final int MAX_UNAUTHENTICATED = 4 * 1024;

  /** Above what waits before nothing is read, and the largest frame. */
  private static final int MAX = 48 * 1024;

  /** More for messages: three of gRPC's smallest buffers, and each answer has its own. */
  private static final int MAX_MESSAGES_UNAUTHENTICATED = 12 * 1024;

  /** More of messages: that of a hundred calls, with the largest greeting each. */
  private static final int MAX_MESSAGES = 464 * 1024;

  private final Peer peer;
  private boolean ready;
  private int messages;

  OutboundLimit(Peer peer) {
    this.peer = peer;
  }

  /** From now on all that is sent are answers; before it may be many certificates. */
  void ready(ChannelPipeline pipeline) {
    ready = true;
    pipeline.addLast(new Messages());
  }

  @Override
  public void flush(ChannelHandlerContext context) {
    context.flush();
    ChannelOutboundBuffer buffer = context.channel().unsafe().outboundBuffer();
    if (buffer == null) {
      return; // The connection is closed.
    }
    boolean unauthenticated = ready && !peer.isAuthenticated();
    int max = unauthenticated ? MAX_UNAUTHENTICATED : MAX;
    int maxMessages = unauthenticated ? MAX_MESSAGES_UNAUTHENTICATED : MAX_MESSAGES;
    long unread = buffer.totalPendingWriteBytes();
    if (unread > max || unread + messages > max + maxMessages) {
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

  /**
   * Counts the messages of gRPC from here, in front of the flow controller, until they are written
   * to the socket, by what their buffers occupy: some bytes have 4 KB.
   */
  private final class Messages extends ChannelOutboundHandlerAdapter {

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      if (message instanceof ByteBufHolder answer) {
        int bytes = answer.content().capacity();
        messages += bytes;
        promise.addListener(written -> messages -= bytes);
      }
      context.write(message, promise);
    }
  }
}
