package dev.greeter.service.telemetry;

import java.util.Map;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Watches the server if there is somebody to tell. That is decided at the start and by no
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
  GrpcServerConfigurer watchedServer(Telemetry telemetry) {
    return telemetry::watch;
  }
}
