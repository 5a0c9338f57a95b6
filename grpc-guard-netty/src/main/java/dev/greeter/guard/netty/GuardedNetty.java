package dev.greeter.guard.netty;

import static dev.greeter.guard.InvalidSettingException.checkDuration;
import static dev.greeter.guard.InvalidSettingException.checkPositive;
import static dev.greeter.guard.InvalidSettingException.checkSize;

import dev.greeter.guard.ConnectionLimiter;
import dev.greeter.guard.Guard;
import io.grpc.ServerBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Limits the memory that peers can occupy on a Netty server outside their calls: connections (an
 * unauthenticated one gives way to a newcomer), header tables, HTTP/2 frames that are not calls,
 * and unread answers. Some limits have a setting in the {@link Builder}; the rest suit any service.
 *
 * <p>Handlers for each connection must be in the listening channel, and grpc-java (1.85) requires
 * the event loops together with it. They use epoll if its library can be loaded, otherwise NIO, and
 * end when the guard is closed.
 */
public final class GuardedNetty {

  private static final boolean EPOLL = hasEpoll();

  /** Bytes buffered for a peer that does not read; above this, nothing is read from it. */
  private static final WriteBufferWaterMark UNSENT = new WriteBufferWaterMark(4 << 10, 8 << 10);

  /** The kernel's buffer for such a peer, instead of 4 MB: it counts as container memory. */
  private static final long MAX_UNSENT_BYTES = 16 * 1024;

  /**
   * Connections that wait to be accepted. With Netty's default, 4,096, short-lived unauthenticated
   * peers can fill a queue of two seconds, and a newcomer waits behind all of them.
   */
  private static final int BACKLOG = 512;

  private final Builder settings;
  private final ConnectionLimiter connections;
  private final AtomicInteger room;
  private final EventLoopGroup acceptor = eventLoops(1, "grpc-acceptor");
  private final EventLoopGroup workers =
      eventLoops(Runtime.getRuntime().availableProcessors(), "grpc-worker");

  private GuardedNetty(Builder settings) {
    this.settings = settings;
    room = new AtomicInteger(settings.maxSmallPieces);
    connections =
        settings.guard.limitConnections(
            settings.maxConnections,
            settings.maxConnectionsPerAddress,
            settings.maxUnauthenticated,
            settings.maxUnauthenticatedPerAddress,
            settings.unauthenticatedIdle,
            () -> {
              acceptor.shutdownGracefully(0, 1, TimeUnit.SECONDS);
              workers.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            });
  }

  /**
   * Puts a guard and the default connection limits around a server that is being built.
   *
   * @param server a builder of grpc-netty, as returned by {@link ServerBuilder#forPort}
   * @return the same builder
   * @throws IllegalArgumentException if the builder is of another transport
   * @throws IllegalStateException if the guard already protects a server
   */
  public static <B extends ServerBuilder<?>> B around(B server, Guard guard) {
    return builder(guard).build().around(server);
  }

  /** Returns a builder with the default limits. */
  public static Builder builder(Guard guard) {
    return new Builder(guard);
  }

  /** Puts the guard and these limits around a server: see {@link #around(ServerBuilder, Guard)}. */
  public <B extends ServerBuilder<?>> B around(B server) {
    configure(server);
    return settings.guard.around(server);
  }

  /**
   * Limits the connections of a server to which a framework adds the guard's interceptors. An
   * in-process server has no connections and is left unchanged.
   *
   * @throws IllegalArgumentException if the builder is of another transport
   */
  public void configure(ServerBuilder<?> builder) {
    if (builder.getClass().getName().startsWith("io.grpc.inprocess.")) {
      return;
    }
    if (!(builder instanceof NettyServerBuilder server)) {
      throw new IllegalArgumentException(
          "%s is not %s: grpc-guard-netty with the classifier \"shaded\" is for grpc-netty-shaded,"
                  .formatted(builder.getClass().getName(), NettyServerBuilder.class.getName())
              + " and without it for grpc-netty");
    }
    server
        .channelFactory(
            () -> {
              ServerChannel listening = EPOLL ? new EpollServerSocketChannel() : nio();
              listening
                  .pipeline()
                  .addLast(
                      new ConnectionGate(connections, settings.proxyProtocol, room),
                      new AcceptThrottle(
                          settings.maxUnauthenticated, settings.maxUnauthenticatedPerAddress));
              return listening;
            })
        .bossEventLoopGroup(acceptor)
        .workerEventLoopGroup(workers)
        .addTransportFilter(connections.filter())
        .withOption(ChannelOption.SO_BACKLOG, BACKLOG)
        .withChildOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNSENT)
        .maxConcurrentCallsPerConnection(settings.maxCallsPerConnection)
        .flowControlWindow(settings.flowControlWindow)
        .maxRstFramesPerWindow(settings.maxResets, (int) settings.resetWindow.toSeconds())
        .handshakeTimeout(settings.handshakeTimeout.toMillis(), TimeUnit.MILLISECONDS);
    if (EPOLL) {
      server.withChildOption(EpollChannelOption.TCP_NOTSENT_LOWAT, MAX_UNSENT_BYTES);
    }
  }

  /** Returns how many connections are open. */
  public int openConnections() {
    return connections.count();
  }

  /** Returns a channel that accepts one connection at a time: 16 could exceed the limits. */
  private static ServerChannel nio() {
    var channel = new NioServerSocketChannel();
    channel.config().setRecvByteBufAllocator(new ServerChannelRecvByteBufAllocator());
    return channel;
  }

  private static boolean hasEpoll() {
    try {
      return Epoll.isAvailable();
    } catch (NoClassDefFoundError e) {
      return false; // grpc-netty does not include it.
    }
  }

  private static EventLoopGroup eventLoops(int threads, String name) {
    IoHandlerFactory io = EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), io);
  }

  /** The limits of connections; do not change them once they are built. */
  public static final class Builder {

    private final Guard guard;
    private int maxConnections = 1_000;
    private int maxConnectionsPerAddress = 500;
    private int maxUnauthenticated = 200;
    private int maxUnauthenticatedPerAddress = 100;
    private Duration unauthenticatedIdle = Duration.ofSeconds(20);
    private int maxCallsPerConnection = 100;
    private int flowControlWindow = NettyServerBuilder.DEFAULT_FLOW_CONTROL_WINDOW;
    private int maxSmallPieces = 200_000;
    private int maxResets = 500;
    private Duration resetWindow = Duration.ofSeconds(10);
    private Duration handshakeTimeout = Duration.ofSeconds(20);
    private boolean proxyProtocol;

    private Builder(Guard guard) {
      this.guard = guard;
    }

    /**
     * Limits connections: above the limit, the new one or an unauthenticated one is closed at once;
     * 1,000 by default. A connection needs 11 KB of heap; if its peer does not read, another 140 KB
     * and 48 KB of buffers.
     */
    public Builder maxConnections(int connections) {
      maxConnections = checkPositive("maxConnections", connections);
      return this;
    }

    /** Limits connections from one IP address or IPv6 /64 network; 500 by default. */
    public Builder maxConnectionsPerAddress(int connections) {
      maxConnectionsPerAddress = checkPositive("maxConnectionsPerAddress", connections);
      return this;
    }

    /**
     * Limits connections without the secret: the oldest gives way to the newest; 200 by default.
     * During a handshake or a frame, one needs another 48 KB of heap and 25 KB of buffers in
     * addition to {@link #maxConnections}.
     */
    public Builder maxUnauthenticatedConnections(int connections) {
      maxUnauthenticated = checkPositive("maxUnauthenticatedConnections", connections);
      return this;
    }

    /** Limits those from one IP address; 100 by default. */
    public Builder maxUnauthenticatedConnectionsPerAddress(int connections) {
      maxUnauthenticatedPerAddress =
          checkPositive("maxUnauthenticatedConnectionsPerAddress", connections);
      return this;
    }

    /** Closes an unauthenticated connection without a call to an open service; 20 s by default. */
    public Builder unauthenticatedConnectionIdle(Duration idle) {
      unauthenticatedIdle =
          checkDuration("unauthenticatedConnectionIdle", idle, Duration.ofMillis(1));
      return this;
    }

    /**
     * Limits the calls on one connection, with {@code REFUSED_STREAM}; 100 by default. A call needs
     * 2 KB of heap, plus its window and its request.
     */
    public Builder maxCallsPerConnection(int calls) {
      maxCallsPerConnection = checkPositive("maxCallsPerConnection", calls);
      return this;
    }

    /**
     * Limits the data that a client may send ahead, per call and per connection. It is buffered
     * until the handler requests it; gRPC's 1 MB by default.
     */
    public Builder flowControlWindow(int bytes) {
      checkSize("flowControlWindow", bytes);
      flowControlWindow = bytes;
      return this;
    }

    /**
     * Limits the pieces of messages below 256 bytes that wait for their message to be complete and
     * for a handler to request it, on all connections together; 200,000 by default. A piece needs
     * at least 130 bytes of heap, even if it contains one. Above the limit, a connection that sends
     * more is closed with {@code GOAWAY}.
     */
    public Builder maxSmallPieces(int pieces) {
      maxSmallPieces = checkPositive("maxSmallPieces", pieces);
      return this;
    }

    /**
     * Stops floods of calls that are reset at once (CVE-2023-44487), with {@code GOAWAY}.
     *
     * @param resets that a connection may cause in a window; 500 by default
     * @param window 10 seconds by default, at least one; fractions of a second are ignored
     */
    public Builder maxResets(int resets, Duration window) {
      maxResets = checkPositive("maxResets", resets);
      resetWindow = checkDuration("resetWindow", window, Duration.ofSeconds(1));
      return this;
    }

    /**
     * Limits the handshake of a connection (PROXY header, TLS and HTTP/2), even if it sends a byte
     * per second; 20 s by default.
     */
    public Builder handshakeTimeout(Duration timeout) {
      handshakeTimeout = checkDuration("handshakeTimeout", timeout, Duration.ofMillis(1));
      return this;
    }

    /**
     * Sets whether {@linkplain Guard.Builder#trustedProxies trusted proxies} start each connection
     * with a PROXY protocol header, version 1 or 2; one without it is closed. No by default.
     */
    public Builder proxyProtocol(boolean expected) {
      proxyProtocol = expected;
      return this;
    }

    /**
     * Builds the limits; the guard stops and closes them.
     *
     * @throws IllegalStateException if the connections of the guard are already limited
     */
    public GuardedNetty build() {
      return new GuardedNetty(this);
    }
  }
}
