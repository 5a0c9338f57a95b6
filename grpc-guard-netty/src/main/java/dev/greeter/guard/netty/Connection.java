package dev.greeter.guard.netty;

import dev.greeter.guard.Peer;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import java.util.concurrent.atomic.AtomicInteger;

/** A peer with a Netty connection, and the handlers that protect the service from it. */
final class Connection extends Peer {

  private final Channel channel;
  private final AtomicInteger room;
  private final OutboundLimit unread = new OutboundLimit(this);
  private boolean closing;

  Connection(Channel channel, boolean proxied, AtomicInteger room) {
    super(channel.remoteAddress(), proxied);
    this.channel = channel;
    this.room = room;
  }

  /** Limits outgoing data, once the peer was admitted. */
  void open() {
    channel.pipeline().addLast(unread, new WriteCoalescer());
  }

  /** Checks the peer's frames, once the HTTP/2 handshake is complete. */
  @Override
  protected void ready() {
    unread.ready(channel.pipeline());
    try {
      FrameGuard.install(channel.pipeline().get(Http2ConnectionHandler.class), room);
    } catch (Http2Exception e) {
      throw new IllegalStateException("A header table of 4 KB is always allowed", e);
    }
  }

  @Override
  protected void authenticated() {
    channel.pipeline().fireUserEventTriggered(AcceptThrottle.AUTHENTICATED);
  }

  /** Sends GOAWAY and closes the connection after its calls; if called again, at once. */
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
    // Not through gRPC's handler: it would wait for its peer indefinitely.
    channel.eventLoop().execute(() -> channel.unsafe().close(channel.unsafe().voidPromise()));
  }
}
