package dev.greeter.service.server;

import dev.greeter.guard.ConnectionLimiter;
import dev.greeter.service.GreeterProperties;
import dev.greeter.service.telemetry.Telemetry;
import io.grpc.ServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.IoHandlerFactory;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.WriteBufferWaterMark;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollChannelOption;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import org.springframework.stereotype.Component;

/**
 * The event loops and the listening channel of a Netty server, Linux's own where their library can
 * be loaded, or else Java's; and the limits on its connections. Handlers that see each connection
 * have to stand in the listening channel, and grpc-java 1.83 wants the event loops to be given
 * together with that.
 */
@Component
class Transport implements GrpcServerConfigurer, AutoCloseable {

  private static final boolean EPOLL = Epoll.isAvailable();

  /** What is kept for a peer that does not read, beyond which nothing is read from it. */
  private static final WriteBufferWaterMark UNSENT = new WriteBufferWaterMark(4 << 10, 8 << 10);

  /** What the system keeps for a peer that does not read, of its 4 MB: they are the container's. */
  private static final long MAX_UNSENT_BYTES = 16 * 1024;

  /**
   * Connections that wait to be accepted. Of Netty's default, 4,096, unauthenticated peers that
   * come and go fill a queue that lasts two seconds, and a newcomer stands behind all of them.
   */
  private static final int BACKLOG = 512;

  private final GreeterProperties.Limits limits;
  private final ConnectionLimiter connections;
  private final EventLoopGroup acceptor = eventLoops(1, "grpc-acceptor");
  private final EventLoopGroup workers =
      eventLoops(Runtime.getRuntime().availableProcessors(), "grpc-worker");

  Transport(GreeterProperties settings, Telemetry telemetry) {
    limits = settings.server().limits();
    connections =
        new ConnectionLimiter(
            limits.maxConnections(),
            limits.maxConnectionsPerAddress(),
            limits.maxUnauthenticatedConnections(),
            limits.maxUnauthenticatedConnectionsPerAddress());
    telemetry.observe(
        "greeter.connections.open",
        "{connection}",
        "Connections that are open",
        connections::count);
    connections.closeIdle(limits.unauthenticatedConnectionIdle(), acceptor);
  }

  @Override
  public void accept(ServerBuilder<?> builder) {
    if (!(builder instanceof NettyServerBuilder server)) {
      return; // An in-process server has no connections.
    }
    server
        .channelFactory(
            () -> {
              ServerChannel listening =
                  EPOLL ? new EpollServerSocketChannel() : new NioServerSocketChannel();
              listening.pipeline().addLast(new ConnectionGate(connections), new AcceptThrottle());
              return listening;
            })
        .bossEventLoopGroup(acceptor)
        .workerEventLoopGroup(workers)
        .addTransportFilter(connections.filter())
        .withOption(ChannelOption.SO_BACKLOG, BACKLOG)
        .withChildOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNSENT)
        .maxConcurrentCallsPerConnection(limits.maxCallsPerConnection())
        .flowControlWindow((int) limits.flowControlWindow().toBytes())
        .maxRstFramesPerWindow(limits.maxResets(), (int) limits.resetWindow().toSeconds())
        .handshakeTimeout(limits.handshakeTimeout().toMillis(), TimeUnit.MILLISECONDS);
    if (EPOLL) {
      server.withChildOption(EpollChannelOption.TCP_NOTSENT_LOWAT, MAX_UNSENT_BYTES);
    }
  }

  /** Closes unauthenticated connections within a moment, later ones too. */
  void drain() {
    connections.stop();
  }

  /** Ends the threads. */
  @Override
  public void close() {
    acceptor.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    workers.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private static EventLoopGroup eventLoops(int threads, String name) {
    IoHandlerFactory io = EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), io);
  }
}
