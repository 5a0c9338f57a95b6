package dev.greeter.guard.netty;

import dev.greeter.guard.Peer;
import io.netty.buffer.ByteBufHolder;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;

/**
 * Limits the data kept for a peer that does not read. Nothing more is read from it until it reads.
 * If the data still exceeds a limit, which is lower for unauthenticated peers, its connection is
 * closed. HTTP/2 has no flow control for answers other than data, of which Netty keeps 10,000 per
 * connection, and TLS 1.3 answers each KeyUpdate. Data waits in Netty's flow controller for window
 * updates that the peer does not send.
 */
final class OutboundLimit extends ChannelDuplexHandler {

  /** In bytes as Netty counts them, including the overhead of each buffer. */
  private static final int MAX_UNAUTHENTICATED = 4 * 1024;

  /** Above the limit at which reading stops, plus the largest frame. */
  private static final int MAX = 48 * 1024;

  /** More for messages: three of gRPC's smallest buffers, one per answer. */
  private static final int MAX_MESSAGES_UNAUTHENTICATED = 12 * 1024;

  /** More for messages: a hundred calls with the largest greeting each. */
  private static final int MAX_MESSAGES = 464 * 1024;

  private final Peer peer;
  private boolean ready;
  private int messages;

  OutboundLimit(Peer peer) {
    this.peer = peer;
  }

  /** From now on only answers are sent; before, possibly many certificates. */
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

  /** The TLS handler itself requests the data that completes a record. */
  @Override
  public void read(ChannelHandlerContext context) {
    if (context.channel().isWritable()) {
      context.read();
    }
  }

  /**
   * Counts gRPC messages from here, before the flow controller, until they are written to the
   * socket, by the capacity of their buffers: a few bytes can occupy 4 KB.
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
