package dev.greeter.service;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the service. */
@SpringBootApplication
class GreeterServiceApplication {

  public static void main(String[] args) {
    SpringApplication.run(GreeterServiceApplication.class, args);
  }
}
