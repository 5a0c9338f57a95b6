package dev.greeter.service.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.guard.auth.Secrets;
import dev.greeter.guard.setting.InvalidSettingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
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

class ClientSecretsTest {

  private static final String MARKER = "marker-of-the-secret-of-a-client";

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "greeter.auth.clients.ada, ada",
    "greeter.auth.clients.Ada, Ada",
    "greeter.auth.clients.batch-2, batch-2",
    "greeter.auth.clients.batch_2, batch_2",
    "greeter.auth.clients.team.ada, team.ada",
    "greeter.auth.clients[team.ada], team.ada",
    "greeter.auth.clients[2], 2",
    "greeter.auth.clients.file, file",
  })
  void areReadFromPropertiesOfAnyName(String property, String client) {
    assertThat(read(Map.of(), Map.of(property, MARKER))).containsExactly(Map.entry(client, MARKER));
  }

  @ParameterizedTest
  @CsvSource({
    "GREETER_AUTH_CLIENTS_ADA, ada",
    "GREETER_AUTH_CLIENTS_TEAM_ADA, team.ada",
    "greeter_auth_clients_ada, ada",
    "GREETER_AUTH_CLIENTS_2, 2",
  })
  void areReadFromVariables(String variable, String client) {
    assertThat(read(Map.of(variable, MARKER), Map.of())).containsExactly(Map.entry(client, MARKER));
  }

  @Test
  void areTakenAsTheyStand() {
    assertThat(read(Map.of("GREETER_AUTH_CLIENTS_ADA", "${HOME} #{1}"), Map.of()))
        .containsEntry("ada", "${HOME} #{1}");
  }

  @ParameterizedTest
  @CsvSource({"ada", "a-d-a", "ADA", "[ada]"})
  void areRefusedIfBothAVariableAndAPropertyHaveOne(String name) {
    String property = "greeter.auth.clients" + (name.startsWith("[") ? name : "." + name);
    assertThatThrownBy(
            () -> read(Map.of("GREETER_AUTH_CLIENTS_ADA", MARKER), Map.of(property, MARKER + 2)))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining(" is set twice.")
        .hasMessageNotContaining(MARKER);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ada=", "ada", "ada=marker ", "a d a=marker", "=marker", "ada=sha256:0"})
  void areRefusedWithTheirPropertyAndVariableAndWhatToSet(String pair) {
    String[] words = pair.split("=", 2);
    Map<String, @Nullable Object> property =
        Collections.singletonMap(
            "greeter.auth.clients" + (words[0].isEmpty() ? "" : "[" + words[0] + "]"),
            words.length == 1 ? null : words[1]);
    assertThatThrownBy(() -> secrets(Map.of(), property, null))
        .isInstanceOfSatisfying(
            InvalidSettingException.class,
            e ->
                assertThat(e.getMessage() + e.action())
                    .containsPattern("greeter.auth.clients.(ada|NAME) ")
                    .containsPattern(
                        "Set GREETER_AUTH_CLIENTS_(ADA|NAME) to a secret or its digest")
                    .doesNotContain("marker", "null"));
  }

  @Test
  void areRefusedIfTwoClientsHaveTheSame() {
    Map<String, Object> variables =
        Map.of("GREETER_AUTH_CLIENTS_ADA", MARKER, "GREETER_AUTH_CLIENTS_BOB", MARKER);
    assertThatThrownBy(() -> secrets(variables, Map.of(), null))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("repeats a secret")
        .hasMessageNotContaining(MARKER);
  }

  @Test
  void leaveNoDemonstrationValue() {
    Map<String, Object> variables =
        Map.of("GREETER_AUTH_CLIENTS_ADA", MARKER, "GREETER_AUTH_PREVIOUS_VALUE", "42");
    var secrets = secrets(variables, Map.of(), null);
    assertThat(secrets.contains(MARKER)).isTrue();
    assertThat(secrets.contains("42")).isFalse();
  }

  @Test
  void standBesideASharedSecretAndAPreviousOne() {
    Map<String, Object> variables =
        Map.of(
            "GREETER_AUTH_CLIENTS_ADA", MARKER,
            "GREETER_AUTH_VALUE", "shared",
            "GREETER_AUTH_PREVIOUS_VALUE", "previous");
    assertThat(secrets(variables, Map.of(), null))
        .matches(secrets -> secrets.contains(MARKER))
        .matches(secrets -> secrets.contains("shared"))
        .matches(secrets -> secrets.contains("previous"));
  }

  @Test
  void standBesideAPreviousSharedSecretAlone() {
    Map<String, Object> variables =
        Map.of("GREETER_AUTH_CLIENTS_ADA", MARKER, "GREETER_AUTH_PREVIOUS_VALUE", "previous");
    assertThat(secrets(variables, Map.of(), null))
        .matches(secrets -> secrets.contains("previous"))
        .matches(secrets -> !secrets.contains("42"));
  }

  @Test
  void comeFromAFile() throws Exception {
    String file = Files.writeString(directory.resolve("clients"), "ada " + MARKER).toString();
    try (var secrets = secrets(Map.of("GREETER_AUTH_CLIENTS_FILE", file), Map.of(), file)) {
      assertThat(secrets.contains(MARKER)).isTrue();
      assertThat(secrets.contains("42")).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"greeter.auth.clients.ada", "greeter.auth.clients.file"})
  void areRefusedBesideAFile(String property) throws Exception {
    String file = Files.writeString(directory.resolve("clients"), "ada " + MARKER).toString();
    assertThatThrownBy(
            () ->
                secrets(
                    Map.of("GREETER_AUTH_CLIENTS_FILE", file), Map.of(property, MARKER + 2), file))
        .isInstanceOf(FailureAnalyzedException.class)
        .hasMessageContaining("both set")
        .hasMessageNotContaining(MARKER);
  }

  private static Map<String, String> read(
      Map<String, Object> variables, Map<String, Object> properties) {
    return ClientSecrets.read(environment(variables, properties));
  }

  private static Secrets secrets(
      Map<String, Object> variables,
      Map<String, ? extends @Nullable Object> properties,
      @Nullable String file) {
    return new AuthenticationProperties("x-secret", null, file, Set.of())
        .secrets(environment(variables, properties));
  }

  /** As in the application: variables before properties before the defaults. */
  private static StandardEnvironment environment(
      Map<String, Object> variables, Map<String, ? extends @Nullable Object> properties) {
    var environment = new StandardEnvironment();
    var sources = environment.getPropertySources();
    String name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
    sources.replace(name, new SystemEnvironmentPropertySource(name, new HashMap<>(variables)));
    sources.addLast(new MapPropertySource("properties", new HashMap<>(properties)));
    sources.addLast(new MapPropertySource("application.yml", Map.of("greeter.auth.value", "42")));
    return environment;
  }
}
