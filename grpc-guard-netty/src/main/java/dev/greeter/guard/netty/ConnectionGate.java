package dev.greeter.guard.netty;

import dev.greeter.guard.ConnectionLimiter;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Admits connections in the pipeline of a listening TCP channel. It closes one above the limits
 * before a handler is created or a byte is read.
 */
final class ConnectionGate extends ChannelInboundHandlerAdapter {

  private final ConnectionLimiter connections;
  private final boolean proxyProtocol;
  private final AtomicInteger room;
  private final HandshakeLog handshakes = new HandshakeLog();

  ConnectionGate(ConnectionLimiter connections, boolean proxyProtocol, AtomicInteger room) {
    this.connections = connections;
    this.proxyProtocol = proxyProtocol;
    this.room = room;
  }

  @Override
  public void channelRead(ChannelHandlerContext listening, Object accepted) {
    Channel channel = (Channel) accepted;
    boolean proxied = connections.isProxy(channel.remoteAddress());
    var connection = new Connection(channel, proxied, room);
    if (connections.admit(connection)) {
      connection.open();
      if (proxied && proxyProtocol) {
        // If the client is another proxy, its calls name their clients.
        channel
            .pipeline()
            .addLast(
                new ProxyHeader(
                    client ->
                        connections.isProxy(client) || connections.admit(connection, client)));
      }
      channel
          .closeFuture()
          .addListener(
              closed -> {
                // Here, since the handlers are removed later.
                handshakes.report(channel);
                connections.remove(connection);
              });
      listening.fireChannelRead(channel);
    } else {
      // It has no event loop yet, which an orderly close() needs.
      channel.unsafe().closeForcibly();
    }
  }
}
