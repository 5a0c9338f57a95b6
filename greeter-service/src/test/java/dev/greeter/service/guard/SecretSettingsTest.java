package dev.greeter.service.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.guard.InvalidSettingException;
import dev.greeter.guard.Secrets;
import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import dev.greeter.service.GreeterProperties.Auth;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** The sources of the secrets, and the errors if none is usable. */
class SecretSettingsTest {

  private static final String MARKER = "marker-of-the-secret";
  private static final String VALUE = "GREETER_AUTH_VALUE";
  private static final String PREVIOUS = "GREETER_AUTH_PREVIOUS_VALUE";
  private static final String FILE = "GREETER_AUTH_VALUE_FILE";
  private static final String CLIENTS = "GREETER_AUTH_CLIENTS_FILE";

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "GREETER_AUTH_VALUE=new, new",
    "GREETER_AUTH_VALUE=new GREETER_AUTH_PREVIOUS_VALUE=old, new old",
    "GREETER_AUTH_PREVIOUS_VALUE=old, 42 old",
    "GREETER_AUTH_VALUE_FILE=file, of-the-file",
    "GREETER_AUTH_CLIENTS_FILE=clients, of-ada",
    "GREETER_AUTH_CLIENTS_FILE=clients GREETER_AUTH_PREVIOUS_VALUE=42, of-ada",
    "GREETER_AUTH_CLIENTS_FILE=clients GREETER_AUTH_PREVIOUS_VALUE=old, of-ada old",
    "GREETER_AUTH_CLIENTS_FILE=clients GREETER_AUTH_VALUE=new, of-ada new",
    "GREETER_AUTH_CLIENTS_FILE=clients GREETER_AUTH_VALUE_FILE=file, of-ada of-the-file",
  })
  void acceptsOnlyConfiguredSecrets(String variables, String accepted) {
    Map<String, Object> set = new HashMap<>();
    for (String variable : variables.split(" ")) {
      String[] nameAndValue = variable.split("=");
      set.put(nameAndValue[0], nameAndValue[1]);
    }
    set.computeIfPresent(FILE, (name, value) -> write("of-the-file"));
    set.computeIfPresent(CLIENTS, (name, value) -> write("ada of-ada"));

    try (var secrets = secrets(set)) {
      assertThat(Stream.of("42", "new", "old", "of-the-file", "of-ada").filter(secrets::contains))
          .containsExactlyInAnyOrder(accepted.split(" "));
    }
  }

  @ParameterizedTest
  @CsvSource({"GREETER_AUTH_VALUE, marker", "GREETER_AUTH_VALUE, ''", PREVIOUS + ", 42"})
  void rejectsFileAndValueTogether(String variable, String value) {
    Map<String, Object> variables = Map.of(variable, value, FILE, write("marker"));

    assertThatThrownBy(() -> secrets(variables))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContainingAll(VALUE, FILE, "is set")
        .hasMessageNotContaining("marker");
  }

  @ParameterizedTest
  @CsvSource({
    "GREETER_AUTH_VALUE, greeter.auth.value",
    "GREETER_AUTH_PREVIOUS_VALUE, greeter.auth.previous-value",
  })
  void namesPropertyAndVariableOfInvalidSecret(String variable, String property) {
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
  void namesPropertyAndVariableOfMissingFile() {
    String path = directory.resolve(MARKER).toString();
    assertThatThrownBy(() -> secrets(Map.of(FILE, path)))
        .hasMessage(
            "greeter.auth.value-file (environment variable GREETER_AUTH_VALUE_FILE) names a file"
                + " that does not exist.");
  }

  @Test
  void omitsFilePathsFromToString() {
    assertThat(new Auth("x-secret", MARKER, MARKER, Set.of("health")).toString())
        .doesNotContain(MARKER);
  }

  @Property(runs = 1000)
  void neverAltersAcceptedOrShowsRejectedSecrets(Input input) {
    Map<String, Object> variables = new HashMap<>();
    while (input.hasMore()) {
      variables.put(
          input.pick(VALUE, PREVIOUS), input.text("s3cret", "42", "sha256:", "${", "}", "#{1}"));
    }

    Input.read(() -> secrets(variables))
        .ifPresent(
            secrets ->
                assertThat(secrets.contains(variables.getOrDefault(VALUE, "42").toString()))
                    .isTrue());
  }

  /** Reads the settings as the application does: variables before defaults. */
  private static Secrets secrets(Map<String, Object> variables) {
    var environment = new StandardEnvironment();
    var sources = environment.getPropertySources();
    String name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
    sources.replace(name, new SystemEnvironmentPropertySource(name, new HashMap<>(variables)));
    sources.addLast(new MapPropertySource("application.yml", Map.of("greeter.auth.value", "42")));
    @Nullable String file = (String) variables.get(FILE);
    @Nullable String clients = (String) variables.get(CLIENTS);
    return SecretSettings.read(new Auth("x-secret", file, clients, Set.of()), environment);
  }

  private String write(String content) {
    try {
      return Files.writeString(directory.resolve(content.replace(" ", "-")), content).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
