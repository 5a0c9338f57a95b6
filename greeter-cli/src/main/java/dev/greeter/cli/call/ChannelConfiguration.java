package dev.greeter.cli.call;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.Map;
import java.util.Objects;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelConfigurer;
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import net.devh.boot.grpc.client.config.NegotiationType;
import org.springframework.beans.factory.config.YamlMapFactoryBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ByteArrayResource;

/** How channels are made. */
@Configuration(proxyBeanMethods = false)
class ChannelConfiguration {

  /** The key under which Spring returns what is not a map. */
  private static final String NOT_A_MAP = "document";

  /**
   * Sets the service config; but not for the health check, which asks servers that get no calls.
   */
  @Bean
  GrpcChannelConfigurer serviceConfig(GreeterProperties properties) {
    Map<String, ?> config = parse(properties.serviceConfig());
    return (channel, name) -> {
      if (!Channels.isForHealthCheck(name)) {
        try {
          channel.defaultServiceConfig(config);
        } catch (IllegalArgumentException e) {
          // For a date, as JSON has no type for it; what else gRPC refuses comes as this one.
          throw new IllegalStateException(e);
        }
      }
    };
  }

  /** A proxy of the JVM's settings would read what a channel without TLS sends, the secret too. */
  @Bean
  GrpcChannelConfigurer noProxyWithoutTls(GrpcChannelsProperties channels) {
    return (channel, name) -> {
      if (channels.getChannel(name).getNegotiationType() != NegotiationType.TLS) {
        channel.proxyDetector(address -> null);
      }
    };
  }

  /**
   * One thread for the network, which ends with the context. gRPC's own would linger, and the JVM's
   * exit waits up to 0.3 s for a thread that is in native code.
   */
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

  /**
   * Parses a service config.
   *
   * @param text JSON, or the same in YAML
   * @return its content, in the form that gRPC takes; gRPC checks what it means
   * @throws IllegalArgumentException if it is neither; the message says what it must be
   */
  static Map<String, Object> parse(String text) {
    var yaml = new YamlMapFactoryBean();
    yaml.setResources(new ByteArrayResource(text.getBytes(UTF_8)));
    Map<String, Object> config = Map.of(NOT_A_MAP, text);
    try {
      Map<String, Object> read = Objects.requireNonNull(yaml.getObject());
      // It has one unless it contains itself, which YAML's aliases allow.
      var unused = read.hashCode();
      config = read;
    } catch (RuntimeException | StackOverflowError e) {
      // Falls through: SnakeYAML's message has many lines.
    }
    if (config.containsKey(NOT_A_MAP)) {
      throw new IllegalArgumentException("it must be a gRPC service config in JSON, such as {}");
    }
    return config;
  }
}
