package dev.greeter.guard.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.greeter.guard.fixture.TextService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Tests the output when the application does not start. */
@ExtendWith(OutputCaptureExtension.class)
class InvalidSettingFailureAnalyzerTest {

  @Test
  void explainsWhatToSet(CapturedOutput output) {
    start();
    assertThat(output)
        .contains("grpc.guard.secret-file (environment variable GRPC_GUARD_SECRET_FILE) is not set")
        .contains("Set GRPC_GUARD_SECRET_FILE to the path of a file")
        .contains("or GRPC_GUARD_CLIENTS_FILE")
        .doesNotContain("\tat ");
  }

  @Test
  void doesNotPrintSecretGivenAsPath(CapturedOutput output) {
    start("--grpc.guard.secret-file=marker-secret");
    assertThat(output)
        .contains("grpc.guard.secret-file (environment variable GRPC_GUARD_SECRET_FILE) ")
        .doesNotContain("marker");
  }

  private static void start(String... arguments) {
    var application = new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE);
    assertThat(catchThrowable(() -> application.run(arguments))).isNotNull();
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {

    @Bean
    TextService echo() {
      return TextService.echo();
    }
  }
}
