package dev.greeter.service.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.guard.Secrets;
import dev.greeter.guard.setting.InvalidSettingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Where the secret comes from, and what is said where there is none that can be used. */
class AuthenticationPropertiesTest {

  private static final String MARKER = "marker-of-the-secret";

  @TempDir private Path directory;

  @Test
  void takeTheVariableInPlaceOfTheDefault() {
    var secrets = secrets(Map.of("GREETER_AUTH_VALUE", MARKER));
    assertThat(secrets.contains(MARKER)).isTrue();
    assertThat(secrets.contains("42")).isFalse();
  }

  @Test
  void takeThePreviousValueToo() {
    var secrets =
        secrets(Map.of("GREETER_AUTH_VALUE", MARKER, "GREETER_AUTH_PREVIOUS_VALUE", "old"));
    assertThat(secrets.contains(MARKER)).isTrue();
    assertThat(secrets.contains("old")).isTrue();
  }

  @Test
  void takeTheFileInPlaceOfTheDefault() throws IOException {
    try (var secrets = secrets(Map.of("GREETER_AUTH_VALUE_FILE", write(MARKER)))) {
      assertThat(secrets.contains(MARKER)).isTrue();
      assertThat(secrets.contains("42")).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"marker", "", "42"})
  void refuseAFileBesideAValue(String value) throws IOException {
    Map<String, Object> variables =
        Map.of("GREETER_AUTH_VALUE", value, "GREETER_AUTH_VALUE_FILE", write("marker"));

    assertThatThrownBy(() -> secrets(variables))
        .isInstanceOf(FailureAnalyzedException.class)
        .hasMessageContainingAll("GREETER_AUTH_VALUE and GREETER_AUTH_VALUE_FILE", "both set")
        .hasMessageNotContaining("marker");
  }

  @Test
  void refuseAFileBesideAPreviousValue() throws IOException {
    Map<String, Object> variables =
        Map.of("GREETER_AUTH_PREVIOUS_VALUE", "old", "GREETER_AUTH_VALUE_FILE", write("marker"));

    assertThatThrownBy(() -> secrets(variables)).hasMessageContaining("both set");
  }

  @ParameterizedTest
  @CsvSource({
    "GREETER_AUTH_VALUE, greeter.auth.value",
    "GREETER_AUTH_PREVIOUS_VALUE, greeter.auth.previous-value",
  })
  void nameThePropertyAndTheVariableOfASecretThatNoHeaderCarries(String variable, String property) {
    for (String value : new String[] {"", " " + MARKER, MARKER + "\n"}) {
      assertThatThrownBy(() -> secrets(Map.of(variable, value)))
          .isInstanceOfSatisfying(
              InvalidSettingException.class,
              e ->
                  assertThat(e.getMessage() + e.action())
                      .startsWith(property + " (environment variable " + variable + ") ")
                      .contains("Set " + variable + " to the shared secret: ")
                      .doesNotContain(MARKER));
    }
  }

  @Test
  void takeNamedSecretsInPlaceOfTheDemonstrationValue() throws IOException {
    Map<String, Object> variables =
        Map.of(
            "GREETER_AUTH_CLIENTS_FILE",
            write("ada " + MARKER),
            "GREETER_AUTH_PREVIOUS_VALUE",
            "42");
    try (var secrets = secrets(variables)) {
      assertThat(secrets.contains(MARKER)).isTrue();
      assertThat(secrets.contains("42")).isFalse();
    }
  }

  @Test
  void takeASharedSecretAndAPreviousOneBesideNamedSecrets() throws IOException {
    Map<String, Object> variables =
        Map.of(
            "GREETER_AUTH_CLIENTS_FILE", write("ada " + MARKER),
            "GREETER_AUTH_VALUE", "shared",
            "GREETER_AUTH_PREVIOUS_VALUE", "previous");
    try (var secrets = secrets(variables)) {
      assertThat(secrets.contains(MARKER)).isTrue();
      assertThat(secrets.contains("shared")).isTrue();
      assertThat(secrets.contains("previous")).isTrue();
    }
  }

  @Test
  void takeAPreviousSharedSecretAloneBesideNamedSecrets() throws IOException {
    Map<String, Object> variables =
        Map.of(
            "GREETER_AUTH_CLIENTS_FILE",
            write("ada " + MARKER),
            "GREETER_AUTH_PREVIOUS_VALUE",
            "previous");
    try (var secrets = secrets(variables)) {
      assertThat(secrets.contains("previous")).isTrue();
      assertThat(secrets.contains("42")).isFalse();
    }
  }

  @Test
  void nameThePropertyAndTheVariableOfAFileThatCannotBeUsed() {
    String path = directory.resolve(MARKER).toString();
    assertThatThrownBy(() -> secrets(Map.of("GREETER_AUTH_VALUE_FILE", path)))
        .hasMessage(
            "greeter.auth.value-file (environment variable GREETER_AUTH_VALUE_FILE) names a file"
                + " that does not exist.");
  }

  @Test
  void refuseAHeaderThatGrpcCannotCarry() {
    assertThatThrownBy(() -> new AuthenticationProperties("te", null, null, Set.of()))
        .hasMessage("header is a name that gRPC or tracing uses.");
  }

  @Test
  void showNoPathInWhosePlaceTheSecretMayStand() {
    assertThat(new AuthenticationProperties("x-secret", MARKER, MARKER, Set.of("health")))
        .hasToString("AuthenticationProperties[header=x-secret, openServices=[health]]");
  }

  /** Reads the settings as in the application: variables before the defaults. */
  private static Secrets secrets(Map<String, Object> variables) {
    var environment = new StandardEnvironment();
    var sources = environment.getPropertySources();
    String name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
    sources.replace(name, new SystemEnvironmentPropertySource(name, new HashMap<>(variables)));
    sources.addLast(new MapPropertySource("application.yml", Map.of("greeter.auth.value", "42")));
    @Nullable String file = (String) variables.get("GREETER_AUTH_VALUE_FILE");
    @Nullable String clients = (String) variables.get("GREETER_AUTH_CLIENTS_FILE");
    return new AuthenticationProperties("x-secret", file, clients, Set.of()).secrets(environment);
  }

  private String write(String content) throws IOException {
    return Files.writeString(directory.resolve("secret"), content).toString();
  }
}
