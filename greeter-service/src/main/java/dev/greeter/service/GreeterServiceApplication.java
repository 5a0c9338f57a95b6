package dev.greeter.service;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** Starts the service. */
@SpringBootApplication
@ConfigurationPropertiesScan
class GreeterServiceApplication {

  public static void main(String[] args) {
    SpringApplication.run(GreeterServiceApplication.class, args);
  }
}
