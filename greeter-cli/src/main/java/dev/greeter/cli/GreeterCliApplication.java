package dev.greeter.cli;

import dev.greeter.cli.command.ProgramOptions;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.error.ExitCode;
import dev.greeter.settings.RefusedSettings;
import java.util.List;
import java.util.Objects;
import net.devh.boot.grpc.client.autoconfigure.GrpcClientAutoConfiguration;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Import;
import org.springframework.core.io.ClassPathResource;

/**
 * Starts the client. Most of a command's time is its start, so that this one leaves out what no
 * command needs: auto-configuration but for the gRPC client's, and the search for configuration
 * files other than the jar's own.
 */
@SpringBootConfiguration
@ComponentScan
@ConfigurationPropertiesScan
@ImportAutoConfiguration(GrpcClientAutoConfiguration.class)
@Import(RefusedSettings.class)
class GreeterCliApplication {

  public static void main(String[] args) {
    System.exit(run(args));
  }

  private static int run(String[] args) {
    String format = Output.formatIn(List.of(args));
    System.setProperty(StartFailureReporter.FORMAT, Objects.requireNonNullElse(format, ""));
    ProgramOptions options;
    try {
      options = ProgramOptions.of(args);
    } catch (FailureAnalyzedException e) {
      new StartFailureReporter().report(e.analysis());
      return ExitCode.USAGE;
    }
    // System properties count before environment variables.
    options.settings().forEach(System::setProperty);
    // TLS by the JVM: a native library would be unpacked at each start, and words its failures
    // in a way of its own.
    System.setProperty("io.grpc.netty.shaded.io.netty.handler.ssl.noOpenSsl", "true");
    var application = new SpringApplication(GreeterCliApplication.class);
    // "--name" belongs to a command, and a secret has no place on a command line.
    application.setAddCommandLineProperties(false);
    var defaults = new YamlPropertiesFactoryBean();
    defaults.setResources(new ClassPathResource("application.yml"));
    application.setDefaultProperties(Objects.requireNonNull(defaults.getObject()));
    application.setListeners(List.of(new LoggingApplicationListener()));
    application.setInitializers(List.of());
    try {
      return SpringApplication.exit(application.run(options.words().toArray(String[]::new)));
    } catch (RuntimeException e) {
      if (StartFailureReporter.isUsage(e)) {
        return ExitCode.USAGE;
      }
      throw e;
    }
  }
}
