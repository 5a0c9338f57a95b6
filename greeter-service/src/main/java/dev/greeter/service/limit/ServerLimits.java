package dev.greeter.service.limit;

import dev.greeter.service.server.Transport;
import dev.greeter.service.telemetry.Telemetry;
import io.grpc.ServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import java.util.concurrent.TimeUnit;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;

/** Puts the limits on a Netty server. */
final class ServerLimits implements GrpcServerConfigurer {

  private final LimitProperties limits;
  private final Transport transport;
  private final ChannelHandler watching;
  private final Telemetry telemetry;

  /**
   * Creates the limits.
   *
   * @param limits how large they are
   * @param transport what the server stands on
   * @param watching is told of each connection that is admitted
   * @param telemetry reports how many there are
   */
  ServerLimits(
      LimitProperties limits, Transport transport, ChannelHandler watching, Telemetry telemetry) {
    this.limits = limits;
    this.transport = transport;
    this.watching = watching;
    this.telemetry = telemetry;
  }

  @Override
  public void accept(ServerBuilder<?> builder) {
    if (!(builder instanceof NettyServerBuilder server)) {
      return; // An in-process server has no connections.
    }
    var gate = new ConnectionGate(limits.maxConnections(), limits.maxConnectionsPerAddress());
    telemetry.observeConnections(gate::open);
    transport.applyTo(server, gate, watching, new UnreadAnswers());
    server
        .maxConcurrentCallsPerConnection(limits.maxCallsPerConnection())
        .flowControlWindow((int) limits.flowControlWindow().toBytes())
        .maxRstFramesPerWindow(limits.maxResets(), (int) limits.resetWindow().toSeconds())
        .handshakeTimeout(limits.handshakeTimeout().toMillis(), TimeUnit.MILLISECONDS);
  }
}
