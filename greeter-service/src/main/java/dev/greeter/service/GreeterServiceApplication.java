package dev.greeter.service;

import dev.greeter.settings.RefusedSettings;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Import;

/** Starts the service. */
@SpringBootApplication
@Import(RefusedSettings.class)
@EnableConfigurationProperties(GreeterProperties.class)
class GreeterServiceApplication {

  public static void main(String[] args) {
    SpringApplication.run(GreeterServiceApplication.class, args);
  }
}
