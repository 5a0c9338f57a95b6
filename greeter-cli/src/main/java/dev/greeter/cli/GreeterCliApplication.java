package dev.greeter.cli;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** Starts the client. */
@SpringBootApplication
@ConfigurationPropertiesScan
class GreeterCliApplication {

  public static void main(String[] args) {
    var application = new SpringApplication(GreeterCliApplication.class);
    // "--name" belongs to a command, and a secret has no place on a command line.
    application.setAddCommandLineProperties(false);
    System.exit(SpringApplication.exit(application.run(args)));
  }
}
