package dev.greeter.service.connection;

import dev.greeter.service.calls.RequestSizeLimit;
import dev.greeter.service.calls.ServicePolicies;
import io.grpc.ServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.WriteBufferWaterMark;
import java.util.concurrent.TimeUnit;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;

/** Puts the limits on a Netty server. */
final class ServerLimits implements GrpcServerConfigurer {

  /** What is kept for a peer that does not read, beyond which nothing is read from it. */
  private static final WriteBufferWaterMark UNSENT = new WriteBufferWaterMark(4 << 10, 8 << 10);

  private final LimitProperties limits;
  private final ServicePolicies policies;
  private final Transport transport;
  private final Connections connections;
  private final ChannelHandler handshakes;

  /**
   * Creates the limits.
   *
   * @param limits how large they are
   * @param policies how large the requests of each service may be
   * @param transport what the server stands on
   * @param connections which are let in
   * @param handshakes is told of each that is
   */
  ServerLimits(
      LimitProperties limits,
      ServicePolicies policies,
      Transport transport,
      Connections connections,
      ChannelHandler handshakes) {
    this.limits = limits;
    this.policies = policies;
    this.transport = transport;
    this.connections = connections;
    this.handshakes = handshakes;
  }

  @Override
  public void accept(ServerBuilder<?> builder) {
    if (!(builder instanceof NettyServerBuilder server)) {
      return; // An in-process server has no connections.
    }
    transport.applyTo(server, connections, handshakes, new AcceptPacing());
    server
        .addTransportFilter(connections.peers())
        .addStreamTracerFactory(new RequestSizeLimit(policies))
        .withChildOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNSENT)
        .maxConcurrentCallsPerConnection(limits.maxCallsPerConnection())
        .flowControlWindow((int) limits.flowControlWindow().toBytes())
        .maxRstFramesPerWindow(limits.maxResets(), (int) limits.resetWindow().toSeconds())
        .handshakeTimeout(limits.handshakeTimeout().toMillis(), TimeUnit.MILLISECONDS);
  }
}
