package dev.greeter.cli.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Throwables;
import dev.greeter.guard.Secrets;
import dev.greeter.settings.RefusedSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Where the secret comes from, and what is said of settings that cannot be used. */
class AuthenticationConfigurationTest {

  private static final Map<String, Object> DEFAULTS =
      Map.of("greeter.auth.header", "x-secret", "greeter.auth.value", "42");
  private static final String VARIABLES =
      StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"42", "a${x:b}c", "a${greeter.auth.value}", "a\\${x}b", "#{1+1}"})
  void takesTheValueAsItStands(String value) {
    run(Map.of("GREETER_AUTH_VALUE", value), context -> assertSecret(context, value));
  }

  @Test
  void takesTheFileInPlaceOfTheDefault() throws Exception {
    run(fileOf("marker\n"), context -> assertSecret(context, "marker"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"marker", "", "42"})
  void refusesAFileBesideAValue(String value) throws Exception {
    Map<String, Object> variables = fileOf("marker");
    variables.put("GREETER_AUTH_VALUE", value);

    assertRefused(
        variables,
        "greeter.auth.value and greeter.auth.value-file (environment variables GREETER_AUTH_VALUE"
            + " and GREETER_AUTH_VALUE_FILE) are both set.",
        "Keep one of them: the shared secret, or the path of the file that holds it.");
  }

  @ParameterizedTest
  @CsvSource({"'', is blank", "marker\t!, has a character that a gRPC header cannot carry"})
  void refusesAValueThatGrpcCannotCarry(String value, String problem) {
    assertRefused(
        Map.of("GREETER_AUTH_VALUE", value),
        "greeter.auth.value (environment variable GREETER_AUTH_VALUE) " + problem + ".",
        "Set GREETER_AUTH_VALUE to the shared secret: printable ASCII characters, with no blank at"
            + " either end.");
  }

  @Test
  void refusesAFileWithoutASecret() throws Exception {
    assertRefused(
        fileOf(" marker"),
        "greeter.auth.value-file (environment variable GREETER_AUTH_VALUE_FILE) names a file whose"
            + " line 1 begins or ends with a blank, which may be lost on the way.",
        "Set GREETER_AUTH_VALUE_FILE to the path of a readable file that holds the shared secret:"
            + " printable ASCII characters, with no blank at either end.");
  }

  @Test
  void refusesAHeaderThatGrpcCannotCarry() {
    assertRefused(
        Map.of("GREETER_AUTH_HEADER", "marker-bin"),
        "greeter.auth.header (environment variable GREETER_AUTH_HEADER) ends in -bin, as only"
            + " headers with binary values do.",
        "Set GREETER_AUTH_HEADER to a header name of letters, digits, '-', '_' and '.', such as"
            + " authorization.");
  }

  @Test
  void hidesThePathInWhosePlaceTheSecretMayStand() {
    assertThat(new AuthenticationProperties("authorization", "marker", false).toString())
        .contains("authorization")
        .doesNotContain("marker");
  }

  private Map<String, Object> fileOf(String content) throws IOException {
    Path file = Files.writeString(directory.resolve("secret"), content);
    return new HashMap<>(Map.of("GREETER_AUTH_VALUE_FILE", file.toString()));
  }

  private static void assertSecret(AssertableApplicationContext context, String secret) {
    assertThat(context).hasNotFailed();
    assertThat(context.getBean(Secrets.class).contains(secret)).isTrue();
  }

  private static void assertRefused(
      Map<String, Object> variables, String description, String action) {
    run(
        variables,
        context ->
            assertThat(context)
                .getFailure()
                .extracting(AuthenticationConfigurationTest::analysis)
                .returns(description, FailureAnalysis::getDescription)
                .returns(action, FailureAnalysis::getAction));
  }

  private static FailureAnalysis analysis(Throwable failure) {
    return Throwables.getRootCause(failure) instanceof FailureAnalyzedException e
        ? e.analysis()
        : Objects.requireNonNull(new RefusedSettings().analyze(failure));
  }

  /** Starts as the application does: variables before the defaults, and beans when needed. */
  private static void run(
      Map<String, Object> variables, Consumer<AssertableApplicationContext> assertions) {
    new ApplicationContextRunner()
        .withInitializer(
            context -> {
              context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor());
              var sources = context.getEnvironment().getPropertySources();
              sources.addLast(new MapPropertySource("application.yml", DEFAULTS));
              sources.replace(VARIABLES, new SystemEnvironmentPropertySource(VARIABLES, variables));
            })
        .withBean(RefusedSettings.class)
        .withUserConfiguration(Settings.class, AuthenticationConfiguration.class)
        .run(assertions::accept);
  }

  @EnableConfigurationProperties(AuthenticationProperties.class)
  static class Settings {}
}
