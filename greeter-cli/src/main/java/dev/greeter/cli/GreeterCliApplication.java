package dev.greeter.cli;

import dev.greeter.cli.command.ProgramOptions;
import java.util.List;
import java.util.Objects;
import net.devh.boot.grpc.client.autoconfigure.GrpcClientAutoConfiguration;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.core.env.MapPropertySource;
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
class GreeterCliApplication {

  public static void main(String[] args) {
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
    application.setInitializers(List.of(context -> applyOptions(args, context)));
    System.exit(SpringApplication.exit(application.run(args)));
  }

  /** Here, and not before the run, so that an option that is refused is told like a setting. */
  private static void applyOptions(String[] args, ConfigurableApplicationContext context) {
    var options = new MapPropertySource("options", ProgramOptions.of(args).settings());
    context.getEnvironment().getPropertySources().addFirst(options);
  }
}
