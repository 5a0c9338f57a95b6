package dev.greeter.guard.autoconfigure;

import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Silences loggers unless a property names them: gRPC's frame log would show the secret at a more
 * detailed root level, and Netty logs a line for each frame of an ended call.
 */
final class LoggingDefaults implements EnvironmentPostProcessor {

  private static final String SHADED = "logging.level.io.grpc.netty.shaded.";

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    environment
        .getPropertySources()
        .addLast(
            new MapPropertySource(
                "grpc-guard-logging",
                Map.of(
                    "logging.level.io.grpc.netty.NettyClientHandler",
                    "off",
                    "logging.level.io.grpc.netty.NettyServerHandler",
                    "off",
                    "logging.level.io.netty.handler.codec.http2",
                    "warn",
                    SHADED + "io.grpc.netty.NettyClientHandler",
                    "off",
                    SHADED + "io.grpc.netty.NettyServerHandler",
                    "off",
                    SHADED + "io.netty.handler.codec.http2",
                    "warn")));
  }
}
