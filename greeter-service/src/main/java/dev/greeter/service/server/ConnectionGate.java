package dev.greeter.service.server;

import dev.greeter.guard.ConnectionLimiter;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * The gate that connections come through: it stands in the pipeline of a listening channel of TCP,
 * and closes one that is too many before it has cost a handler or a byte was read.
 */
final class ConnectionGate extends ChannelInboundHandlerAdapter {

  private final ConnectionLimiter connections;
  private final HandshakeLog handshakes = new HandshakeLog();

  ConnectionGate(ConnectionLimiter connections) {
    this.connections = connections;
  }

  @Override
  public void channelRead(ChannelHandlerContext listening, Object accepted) {
    Channel channel = (Channel) accepted;
    var connection = new Connection(channel);
    if (connections.admit(connection)) {
      connection.open();
      channel
          .closeFuture()
          .addListener(
              closed -> {
                // In time: the handlers are taken out later.
                handshakes.report(channel);
                connections.remove(connection);
              });
      listening.fireChannelRead(channel);
    } else {
      // It has no event loop yet, on which an orderly close() would run.
      channel.unsafe().closeForcibly();
    }
  }
}
