package dev.greeter.cli.call;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;
import java.util.Objects;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelConfigurer;
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import net.devh.boot.grpc.client.config.NegotiationType;
import org.springframework.beans.factory.config.YamlMapFactoryBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ByteArrayResource;

/** What channels do when one of several servers goes away, and where the JVM has a proxy. */
@Configuration(proxyBeanMethods = false)
class ChannelConfiguration {

  /** The key under which Spring returns what is no map. */
  private static final String NO_MAP = "document";

  /**
   * Gives channels the service config; but not those of the health check, which is to learn what a
   * server says that gets no calls.
   */
  @Bean
  GrpcChannelConfigurer serviceConfig(GreeterProperties properties) {
    Map<String, ?> config = parse(properties.serviceConfig());
    return (channel, name) -> {
      if (!Channels.isForHealthCheck(name)) {
        try {
          channel.defaultServiceConfig(config);
        } catch (IllegalArgumentException e) {
          // As of a date, for which JSON has no type; all else that gRPC refuses comes as this one.
          throw new IllegalStateException(e);
        }
      }
    };
  }

  /** A proxy of the JVM's settings would read what such a channel sends, the secret included. */
  @Bean
  GrpcChannelConfigurer noProxyWithoutTls(GrpcChannelsProperties channels) {
    return (channel, name) -> {
      if (channels.getChannel(name).getNegotiationType() != NegotiationType.TLS) {
        channel.proxyDetector(address -> null);
      }
    };
  }

  /**
   * Reads a service config.
   *
   * @param text JSON, or the YAML that stands for it
   * @return its content, in the form that gRPC takes; whether gRPC knows it is not looked at
   * @throws IllegalArgumentException if it is neither; the message says what to give
   */
  static Map<String, Object> parse(String text) {
    var yaml = new YamlMapFactoryBean();
    yaml.setResources(new ByteArrayResource(text.getBytes(UTF_8)));
    Map<String, Object> config = Map.of(NO_MAP, text);
    try {
      Map<String, Object> read = Objects.requireNonNull(yaml.getObject());
      // It has one if it does not hold itself, which YAML's aliases allow.
      var unused = read.hashCode();
      config = read;
    } catch (RuntimeException | StackOverflowError e) {
      // Falls through: SnakeYAML's, whose message runs over many lines.
    }
    if (config.containsKey(NO_MAP)) {
      throw new IllegalArgumentException("a gRPC service config in JSON, such as {}");
    }
    return config;
  }
}
