package dev.greeter.service.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** The secret from a file: the rules of the variable, and those of files. */
class SecretFileTest {

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "marker; marker",
        "marker\\n; marker",
        "marker\\r\\n; marker",
        "two words\\n; two words",
      })
  void takesTheContentLessOneNewline(String content, String secret) throws Exception {
    assertThat(properties(write(content)).value()).isEqualTo(secret);
  }

  @Test
  void takesASecondLineAsThePreviousSecret() throws Exception {
    assertThat(properties(write("marker\r\nolder marker\n")).accepted())
        .containsExactly("marker", "older marker");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "  \n",
        "marker\n\n",
        "marker \n",
        " marker",
        "m\u00e4rker",
        "marker\r",
        "a\n\nb",
        "a\nb\nc",
        "a\n\u00e4"
      })
  void refusesAContentThatGrpcCannotCarryWithoutShowingIt(String content) throws Exception {
    assertRefused(write(content), "names a file whose content");
  }

  @Test
  void refusesAFileThatDoesNotExist() {
    assertRefused(directory.resolve("marker").toString(), "does not exist");
  }

  @Test
  void refusesAFileWithoutAnEnd() {
    assertRefused("/dev/zero", "names a file that is not a regular one");
  }

  @Test
  void refusesAHugeFile() throws Exception {
    assertRefused(write("marker".repeat(20_000)), "names a file of more than 64 KB");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "marker\0"})
  void refusesWhatIsNoFile(String path) {
    assertRefused(path, "names a file that");
  }

  @Test
  void isBoundFromTheVariableInPlaceOfTheDefault() throws Exception {
    assertThat(from(Map.of("GREETER_AUTH_VALUE_FILE", write("marker"))).value())
        .isEqualTo("marker");
  }

  @ParameterizedTest
  @ValueSource(strings = {"marker", "", "42"})
  void isRefusedBesideAValue(String value) throws Exception {
    Map<String, Object> variables =
        Map.of("GREETER_AUTH_VALUE", value, "GREETER_AUTH_VALUE_FILE", write("marker"));

    assertThatThrownBy(() -> from(variables))
        .isInstanceOf(FailureAnalyzedException.class)
        .hasMessageContainingAll("GREETER_AUTH_VALUE and GREETER_AUTH_VALUE_FILE", "both set")
        .hasMessageNotContaining("marker");
  }

  @Test
  void isRefusedBesideAPreviousValue() throws Exception {
    Map<String, Object> variables =
        Map.of("GREETER_AUTH_PREVIOUS_VALUE", "old", "GREETER_AUTH_VALUE_FILE", write("marker"));

    assertThatThrownBy(() -> from(variables)).hasMessageContaining("both set");
  }

  /** Reads the settings as in the application: variables before the defaults. */
  private static AuthenticationProperties from(Map<String, Object> variables) {
    var environment = new StandardEnvironment();
    var sources = environment.getPropertySources();
    String name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
    sources.replace(name, new SystemEnvironmentPropertySource(name, variables));
    sources.addLast(
        new MapPropertySource(
            "application.yml",
            Map.of("greeter.auth.header", "x-secret", "greeter.auth.value", "42")));
    return AuthenticationProperties.from(environment);
  }

  private void assertRefused(String file, String reason) {
    assertThatThrownBy(() -> properties(file))
        .isInstanceOf(FailureAnalyzedException.class)
        .hasMessageContainingAll("greeter.auth.value-file", "GREETER_AUTH_VALUE_FILE", reason)
        .message()
        .doesNotContain("marker", "rker");
  }

  private String write(String content) throws IOException {
    Path file = directory.resolve("secret");
    Files.writeString(file, content.replace("\\r", "\r").replace("\\n", "\n"), UTF_8);
    return file.toString();
  }

  private static AuthenticationProperties properties(String file) {
    return new AuthenticationProperties("authorization", "42", null, file, Set.of());
  }
}
