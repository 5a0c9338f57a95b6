package dev.greeter.cli;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the client. */
@SpringBootApplication
class GreeterCliApplication {

  public static void main(String[] args) {
    SpringApplication.run(GreeterCliApplication.class, args);
  }
}
