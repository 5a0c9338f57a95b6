package dev.greeter.cli.telemetry;

import java.util.Map;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Watches every channel if there is somebody to tell. That is decided at the start and by no
 * condition, which Spring's AOT processing would decide in the build.
 */
@Configuration(proxyBeanMethods = false)
class TelemetryConfiguration {

  @Bean
  Telemetry telemetry(Environment environment) {
    Map<String, String> settings = OtlpSettings.from(environment);
    return settings.isEmpty() ? new Telemetry() {} : new OtlpTelemetry(settings);
  }

  @Bean
  GrpcChannelConfigurer watchedChannels(Telemetry telemetry) {
    return (channel, name) -> telemetry.watch(channel);
  }
}
