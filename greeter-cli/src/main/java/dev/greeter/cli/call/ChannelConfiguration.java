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

/** Configures channels. */
@Configuration(proxyBeanMethods = false)
class ChannelConfiguration {

  /** The key under which Spring returns a document that is not a map. */
  private static final String NOT_A_MAP = "document";

  /** Sets the service config, except for the health check, which must reach all servers. */
  @Bean
  GrpcChannelConfigurer serviceConfig(GreeterProperties properties) {
    Map<String, ?> config = parse(properties.serviceConfig());
    return (channel, name) -> {
      if (!Channels.isForHealthCheck(name)) {
        try {
          channel.defaultServiceConfig(config);
        } catch (IllegalArgumentException e) {
          // gRPC throws this for a YAML date, and IllegalStateException for other errors.
          throw new IllegalStateException(e);
        }
      }
    };
  }

  /** Without TLS, a proxy from the JVM's settings could read everything, including the secret. */
  @Bean
  GrpcChannelConfigurer noProxyWithoutTls(GrpcChannelsProperties channels) {
    return (channel, name) -> {
      if (channels.getChannel(name).getNegotiationType() != NegotiationType.TLS) {
        channel.proxyDetector(address -> null);
      }
    };
  }

  /**
   * The network thread, which ends with the context. gRPC's own threads would linger, and the JVM's
   * exit waits up to 0.3 s for a thread in native code.
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
   * @param text the service config in JSON or YAML
   * @return the content as gRPC expects it; gRPC validates the fields
   * @throws IllegalArgumentException if it is neither; the message states the expected format
   */
  static Map<String, Object> parse(String text) {
    var yaml = new YamlMapFactoryBean();
    yaml.setResources(new ByteArrayResource(text.getBytes(UTF_8)));
    Map<String, Object> config = Map.of(NOT_A_MAP, text);
    try {
      Map<String, Object> read = Objects.requireNonNull(yaml.getObject());
      // Fails if the map contains itself, which YAML aliases allow.
      var unused = read.hashCode();
      config = read;
    } catch (RuntimeException | StackOverflowError e) {
      // Falls through: SnakeYAML's message spans many lines.
    }
    if (config.containsKey(NOT_A_MAP)) {
      throw new IllegalArgumentException("it must be a gRPC service config in JSON, such as {}");
    }
    return config;
  }
}
