package dev.greeter.service.connection;

import dev.greeter.service.calls.Peer;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import java.util.concurrent.atomic.AtomicInteger;

/** A connection that is open, and whose it is. */
final class Connection {

  private final Channel channel;
  private final Peer peer;
  private final UnreadAnswers unread;
  private boolean closing;

  Connection(Channel channel, Object address, AtomicInteger callsOfAddress) {
    this.channel = channel;
    this.peer = new Peer(address, callsOfAddress, this::closeNow);
    this.unread = new UnreadAnswers(peer);
    channel.pipeline().addLast(unread, new WriteMerger());
  }

  Peer peer() {
    return peer;
  }

  /** Guards against the frames of the peer: it has ended the handshake of HTTP/2. */
  void ready() throws Http2Exception {
    unread.ready();
    FrameGuard.install(channel.pipeline().get(Http2ConnectionHandler.class));
  }

  /** Sends GOAWAY and closes the connection after its calls; if asked again, at once. */
  void close() {
    if (closing) {
      closeNow();
    } else {
      closing = true;
      channel.close();
    }
  }

  /** Closes the connection with all that is open there. */
  void closeNow() {
    // Not through gRPC's handler, which would wait for as long as its peer likes.
    channel.eventLoop().execute(() -> channel.unsafe().close(channel.unsafe().voidPromise()));
  }
}
