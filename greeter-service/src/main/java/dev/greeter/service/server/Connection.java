package dev.greeter.service.server;

import dev.greeter.guard.Peer;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;

/** A peer with a connection of Netty's, and what guards the service against what it sends. */
final class Connection extends Peer {

  private final Channel channel;
  private final OutboundLimit unread = new OutboundLimit(this);
  private boolean closing;

  Connection(Channel channel) {
    super(channel.remoteAddress());
    this.channel = channel;
  }

  /** Guards what is written: the peer has been let in. */
  void open() {
    channel.pipeline().addLast(unread, new WriteCoalescer());
  }

  /** Guards against the frames of the peer: it has ended the handshake of HTTP/2. */
  @Override
  protected void ready() {
    unread.ready(channel.pipeline());
    try {
      FrameGuard.install(channel.pipeline().get(Http2ConnectionHandler.class));
    } catch (Http2Exception e) {
      throw new IllegalStateException("A header table of 4 KB is always allowed", e);
    }
  }

  /** Sends GOAWAY and closes the connection after its calls; if asked again, at once. */
  @Override
  protected void close() {
    if (closing) {
      disconnect();
    } else {
      closing = true;
      channel.close();
    }
  }

  @Override
  protected void disconnect() {
    // Not through gRPC's handler, which would wait for as long as its peer likes.
    channel.eventLoop().execute(() -> channel.unsafe().close(channel.unsafe().voidPromise()));
  }
}
