package dev.greeter.cli.call;

import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * One thread for the network, which ends with the context. gRPC's own would linger, and the JVM's
 * exit waits up to 0.3 s for a thread that is in native code, as one is that waits for the network.
 */
@Configuration(proxyBeanMethods = false)
class EventLoopConfiguration {

  @Bean(destroyMethod = "shutdown")
  NioEventLoopGroup eventLoop() {
    return new NioEventLoopGroup(1, new DefaultThreadFactory("network", true));
  }

  @Bean
  GrpcChannelConfigurer onEventLoop(NioEventLoopGroup eventLoop) {
    return (channel, name) -> {
      if (channel instanceof NettyChannelBuilder netty) {
        netty.eventLoopGroup(eventLoop).channelType(NioSocketChannel.class);
      }
    };
  }
}
