package dev.greeter.service.limit;

import io.grpc.ServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;

/**
 * Puts the limits on a Netty server. The gate for connections has to stand in its listening
 * channel, and grpc-java 1.83 wants the event loops to be given together with that.
 */
final class ServerLimits implements GrpcServerConfigurer, AutoCloseable {

  private final LimitProperties limits;
  private final ChannelHandler watching;
  private final EventLoopGroup acceptor = eventLoops(1, "grpc-acceptor");
  private final EventLoopGroup workers =
      eventLoops(Runtime.getRuntime().availableProcessors(), "grpc-worker");

  /**
   * Creates the limits.
   *
   * @param limits how large they are
   * @param watching is told of each connection that is admitted
   */
  ServerLimits(LimitProperties limits, ChannelHandler watching) {
    this.limits = limits;
    this.watching = watching;
  }

  @Override
  public void accept(ServerBuilder<?> builder) {
    if (!(builder instanceof NettyServerBuilder server)) {
      return; // An in-process server has no connections.
    }
    var gate = new ConnectionGate(limits.maxConnections(), limits.maxConnectionsPerAddress());
    server
        .channelFactory(
            () -> {
              var listening = new NioServerSocketChannel();
              listening.pipeline().addFirst(gate, watching);
              return listening;
            })
        .bossEventLoopGroup(acceptor)
        .workerEventLoopGroup(workers)
        .maxConcurrentCallsPerConnection(limits.maxCallsPerConnection())
        .flowControlWindow((int) limits.flowControlWindow().toBytes())
        .maxRstFramesPerWindow(limits.maxResets(), (int) limits.resetWindow().toSeconds())
        .handshakeTimeout(limits.handshakeTimeout().toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Returns the acceptor's event loop, which has little else to do. */
  ScheduledExecutorService timer() {
    return acceptor;
  }

  /** Ends the threads. */
  @Override
  public void close() {
    acceptor.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    workers.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private static EventLoopGroup eventLoops(int threads, String name) {
    return new MultiThreadIoEventLoopGroup(
        threads, new DefaultThreadFactory(name, true), NioIoHandler.newFactory());
  }
}
