package dev.greeter.service.settings;

import dev.greeter.guard.setting.InvalidSettingException;
import java.util.List;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Checks the settings that Spring Boot reads before it binds any: in a wrong form of the log, and
 * in a port to which conditions look, it ends with a stack trace that shows them.
 */
class EarlySettings implements EnvironmentPostProcessor, Ordered {

  private static final String FORMAT = "logging.structured.format.console";

  /** Spring Boot's own. */
  private static final List<String> FORMATS = List.of("ecs", "gelf", "logstash");

  /** Behind {@code application.yml}. */
  @Override
  public int getOrder() {
    return ConfigDataEnvironmentPostProcessor.ORDER + 1;
  }

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    Binder settings = Binder.get(environment);
    settings.bind("grpc.server.port", int.class);
    settings
        .bind(FORMAT, String.class)
        .ifBound(
            format -> {
              if (!FORMATS.contains(format)) {
                throw InvalidSettingException.isNot(FORMAT, "one of " + FORMATS);
              }
            });
  }
}
