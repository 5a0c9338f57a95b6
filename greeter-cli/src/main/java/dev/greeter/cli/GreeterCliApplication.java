package dev.greeter.cli;

import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.UsageException;
import dev.greeter.cli.option.CommandLine;
import dev.greeter.cli.option.StartOptions;
import dev.greeter.guard.InvalidSettingException;
import dev.greeter.settings.RefusedSettings;
import java.security.Security;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import net.devh.boot.grpc.client.autoconfigure.GrpcClientAutoConfiguration;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Import;
import org.springframework.core.io.ClassPathResource;

/**
 * Starts the client. Startup takes most of a command's time, so it omits what no command needs:
 * auto-configuration other than the gRPC client's, and the search for configuration files outside
 * the jar.
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

  static int run(String... args) {
    CommandLine line = CommandLine.parse(List.of(args));
    var err = new Output(System.out, true, System.err::println, UnaryOperator.identity());
    err.begin(line.json(), "");
    try {
      // The JVM's replacement for a byte that the locale's encoding cannot represent.
      if (String.join("", args).indexOf('\uFFFD') >= 0) {
        throw new UsageException(
            "The locale cannot represent an argument. Set LC_ALL=C.UTF-8, or use a pipe.");
      }
      // System properties take precedence over environment variables.
      StartOptions.properties(line).forEach(System::setProperty);
      // Use the JVM's TLS: a native library would be unpacked at each start and print messages.
      System.setProperty("io.grpc.netty.shaded.io.netty.handler.ssl.noOpenSsl", "true");
      // gRPC and the JVM would cache addresses for 30 s and failed lookups for 10 s, and would miss
      // new replicas.
      System.setProperty("networkaddress.cache.ttl", "0");
      Security.setProperty("networkaddress.cache.ttl", "0");
      Security.setProperty("networkaddress.cache.negative.ttl", "0");
      // Otherwise Spring Boot would log at these levels if DEBUG or TRACE is set.
      System.setProperty("debug", "false");
      System.setProperty("trace", "false");
      return SpringApplication.exit(application().run(args));
    } catch (UsageException e) {
      return err.failure(e, Map.of());
    } catch (RuntimeException e) {
      InvalidSettingException refused = RefusedSettings.find(e);
      if (refused == null) {
        throw e;
      }
      return err.failure(
          new UsageException(refused.getMessage() + " " + refused.action()), Map.of());
    }
  }

  private static SpringApplication application() {
    var application = new SpringApplication(GreeterCliApplication.class);
    // Options belong to commands, and a secret does not belong on a command line.
    application.setAddCommandLineProperties(false);
    var defaults = new YamlPropertiesFactoryBean();
    defaults.setResources(new ClassPathResource("application.yml"));
    application.setDefaultProperties(Objects.requireNonNull(defaults.getObject()));
    application.setListeners(List.of(new LoggingApplicationListener()));
    application.setInitializers(List.of());
    return application;
  }
}
