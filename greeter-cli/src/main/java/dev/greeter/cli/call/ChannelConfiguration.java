package dev.greeter.cli.call;

import java.util.List;
import java.util.Map;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** How channels behave when one of several servers goes away. */
@Configuration(proxyBeanMethods = false)
class ChannelConfiguration {

  /**
   * The service config, in gRPC's own form. A greeting changes nothing, so it may be asked for
   * again: after about 0.1, 0.2 and 0.4 s, since the next attempt goes to another server, and where
   * there is none the user learns it within a second. A {@code Chat} is not repeated; what was said
   * in it has been answered.
   *
   * <p>Whoever is refused with a delay ({@code grpc-retry-pushback-ms}, gRFC A6) asks again after
   * it: grpc-java 1.83 does so for every code, listed or not. {@code RESOURCE_EXHAUSTED} is not
   * listed, since without a delay it may be a request that is too large.
   */
  private static final Map<String, ?> SERVICE_CONFIG =
      Map.of(
          "methodConfig",
          List.of(
              Map.of(
                  "name",
                  List.of(Map.of("service", "tutorial.Greeter", "method", "Greet")),
                  "retryPolicy",
                  Map.of(
                      "maxAttempts",
                      4.0,
                      "initialBackoff",
                      "0.1s",
                      "maxBackoff",
                      "1s",
                      "backoffMultiplier",
                      2.0,
                      "retryableStatusCodes",
                      List.of("UNAVAILABLE")))));

  @Bean
  GrpcChannelConfigurer retries() {
    return (channel, name) -> channel.defaultServiceConfig(SERVICE_CONFIG);
  }
}
