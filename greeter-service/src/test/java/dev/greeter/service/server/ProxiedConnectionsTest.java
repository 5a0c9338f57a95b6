package dev.greeter.service.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.service.RunningService;
import io.grpc.Attributes;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Calls on connections from 127.0.0.2, a trusted proxy, and from other addresses. */
@ExtendWith(OutputCaptureExtension.class)
class ProxiedConnectionsTest {

  private static final Map<String, String> TRUSTED =
      Map.of(
          "GREETER_SERVER_TRUSTED_PROXIES", "127.0.0.2/32,10.0.0.0/8",
          "GREETER_RATE_LIMIT_FAILED_AUTHENTICATIONS_PER_MINUTE", "1",
          "GREETER_SERVER_LIMITS_MAX_CONNECTIONS_PER_ADDRESS", "1");

  private static final Map<String, String> TRUSTED_WITH_HEADER =
      Map.of(
          "GREETER_SERVER_TRUSTED_PROXIES", "127.0.0.2/32",
          "GREETER_SERVER_PROXY_PROTOCOL", "true",
          "GREETER_SERVER_LIMITS_HANDSHAKE_TIMEOUT", "1s",
          "GREETER_SERVER_LIMITS_UNAUTHENTICATED_CONNECTION_IDLE", "1h",
          "GREETER_RATE_LIMIT_FAILED_AUTHENTICATIONS_PER_MINUTE", "1",
          "GREETER_SERVER_LIMITS_MAX_CONNECTIONS_PER_ADDRESS", "1");

  private final List<ManagedChannel> channels = new ArrayList<>();
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  @AfterEach
  void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    loops.shutdownGracefully();
  }

  @Test
  void identifiesClientsByForwardedForHeader(CapturedOutput output) {
    try (var service = new RunningService(TRUSTED)) {
      var proxy = channel(service, "127.0.0.2", "");
      assertThat(greet(proxy, "wrong", "203.0.113.1")).isEqualTo(Code.UNAUTHENTICATED);
      assertThat(greet(proxy, "42", "203.0.113.1, 10.9.9.9")).isEqualTo(Code.RESOURCE_EXHAUSTED);
      assertThat(greet(proxy, "42", "203.0.113.1, 203.0.113.2")).isEqualTo(Code.OK);
      var second = channel(service, "127.0.0.2", "");
      assertThat(greet(second, "42", "203.0.113.2")).as("on another connection").isEqualTo(Code.OK);
      assertThat(health(proxy)).isEqualTo(Code.OK);

      var other = channel(service, "127.0.0.3", "");
      assertThat(greet(other, "wrong", "203.0.113.3")).isEqualTo(Code.UNAUTHENTICATED);
      assertThat(greet(other, "42", "203.0.113.4"))
          .as("spoofed")
          .isEqualTo(Code.RESOURCE_EXHAUSTED);
    }
    assertThat(output)
        .containsPattern(
            "=UNAUTHENTICATED .* network.peer.address=127.0.0.2 network.peer.port=\\d+"
                + " client.address=203.0.113.1\n")
        .containsPattern("=UNAUTHENTICATED .* network.peer.address=127.0.0.3 .*port=\\d+\n");
  }

  @Test
  void identifiesClientsByProxyProtocol(CapturedOutput output) {
    try (var service = new RunningService(TRUSTED_WITH_HEADER)) {
      var guesser = channel(service, "127.0.0.2", "PROXY TCP4 203.0.113.1 192.0.2.1 4711 1\r\n");
      assertThat(greet(guesser, "wrong", "203.0.113.9")).isEqualTo(Code.UNAUTHENTICATED);
      assertThat(greet(guesser, "42", "203.0.113.8")).isEqualTo(Code.RESOURCE_EXHAUSTED);
      var client = channel(service, "127.0.0.2", "PROXY TCP4 203.0.113.2 192.0.2.1 4711 1\r\n");
      assertThat(greet(client, "42", "203.0.113.1")).isEqualTo(Code.OK);
      var second = channel(service, "127.0.0.2", "PROXY TCP4 203.0.113.2 192.0.2.1 4712 1\r\n");
      assertThat(greet(second, "42", "")).as("one too many").isNotEqualTo(Code.OK);
      assertThat(greet(client, "42", "")).isEqualTo(Code.OK);
      assertThat(health(channel(service, "127.0.0.2", "PROXY UNKNOWN\r\n"))).isEqualTo(Code.OK);

      assertThat(health(channel(service, "127.0.0.2", ""))).isNotEqualTo(Code.OK);
      assertThat(health(channel(service, "127.0.0.3", "PROXY UNKNOWN\r\n")))
          .as("not of a proxy")
          .isNotEqualTo(Code.OK);
      assertThat(health(channel(service, "127.0.0.3", ""))).isEqualTo(Code.OK);
    }
    assertThat(output)
        .containsPattern(
            "=UNAUTHENTICATED .* network.peer.address=127.0.0.2 network.peer.port=\\d+"
                + " client.address=203.0.113.1\n")
        .contains("trusted proxy /127.0.0.2:")
        .doesNotContain("\tat ");
  }

  @Test
  void closesConnectionsWithoutTimelyProxyHeader() throws Exception {
    try (var service = new RunningService(TRUSTED_WITH_HEADER);
        var half = new Socket("127.0.0.1", service.port(), InetAddress.getByName("127.0.0.2"), 0)) {
      half.getOutputStream().write("PROXY TCP4 203.0.113.1 ".getBytes(StandardCharsets.US_ASCII));
      half.setSoTimeout(30_000);
      // The server's first frames, then the end after the handshake timeout of 1 s.
      assertThat(half.getInputStream().readAllBytes()).hasSizeLessThan(200);
    }
  }

  private static Code greet(ManagedChannel channel, String secret, String forwardedFor) {
    Metadata headers = TestCall.headers("authorization", secret, "x-forwarded-for", forwardedFor);
    var request = GreetingRequest.newBuilder().setName("Ada").build();
    return TestCall.send(channel, GreeterGrpc.getGreetMethod(), headers, request).code();
  }

  private static Code health(ManagedChannel channel) {
    var request = HealthCheckRequest.getDefaultInstance();
    return TestCall.send(channel, HealthGrpc.getCheckMethod(), new Metadata(), request).code();
  }

  /** Returns a channel whose connection comes from an address and starts with a header. */
  private ManagedChannel channel(RunningService service, String from, String header) {
    var channel =
        NettyChannelBuilder.forAddress("127.0.0.1", service.port())
            .usePlaintext()
            .localSocketPicker(
                new NettyChannelBuilder.LocalSocketPicker() {
                  @Override
                  public SocketAddress createSocketAddress(SocketAddress to, Attributes any) {
                    return new InetSocketAddress(from, 0);
                  }
                })
            .eventLoopGroup(loops)
            .channelFactory(() -> beginningWith(header))
            .build();
    channels.add(channel);
    return channel;
  }

  private static Channel beginningWith(String header) {
    var connection = new NioSocketChannel();
    connection
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelActive(ChannelHandlerContext context) {
                context.write(Unpooled.copiedBuffer(header, StandardCharsets.US_ASCII));
                context.fireChannelActive();
              }
            });
    return connection;
  }
}
