package dev.greeter.service.connection;

import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.IoHandlerFactory;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollChannelOption;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The event loops and the listening channel of a Netty server: Linux's own where their library can
 * be loaded, or else Java's. Handlers that see each connection have to stand in the listening
 * channel, and grpc-java 1.83 wants the event loops to be given together with that.
 */
public final class Transport implements AutoCloseable {

  private static final boolean EPOLL = Epoll.isAvailable();

  /** What the system keeps for a peer that does not read, of its 4 MB: they are the container's. */
  private static final long MAX_UNSENT_BYTES = 16 * 1024;

  private final EventLoopGroup acceptor = eventLoops(1, "grpc-acceptor");
  private final EventLoopGroup workers =
      eventLoops(Runtime.getRuntime().availableProcessors(), "grpc-worker");

  /**
   * Has a server use this transport.
   *
   * @param server the server's builder
   * @param watching handlers that each connection passes before it is served, in this order; they
   *     are shared by all servers that are built with them
   */
  public void applyTo(NettyServerBuilder server, ChannelHandler... watching) {
    server
        .channelFactory(
            () -> {
              ServerChannel listening =
                  EPOLL ? new EpollServerSocketChannel() : new NioServerSocketChannel();
              listening.pipeline().addLast(watching);
              return listening;
            })
        .bossEventLoopGroup(acceptor)
        .workerEventLoopGroup(workers);
    if (EPOLL) {
      server.withChildOption(EpollChannelOption.TCP_NOTSENT_LOWAT, MAX_UNSENT_BYTES);
    }
  }

  /** Returns the acceptor's event loop, which has little else to do. */
  public ScheduledExecutorService timer() {
    return acceptor;
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
