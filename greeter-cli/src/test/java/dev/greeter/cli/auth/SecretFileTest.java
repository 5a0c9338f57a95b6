package dev.greeter.cli.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.cli.error.InvalidSettingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
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
    assertThat(properties(null, write(content)).value()).isEqualTo(secret);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "\n", "  \n", "marker\n\n", "marker \n", " marker", "m\u00e4rker", "marker\r"})
  void refusesAContentThatGrpcCannotCarryWithoutShowingIt(String content) throws Exception {
    assertRefused(null, write(content), "names a file whose content");
  }

  @Test
  void refusesAFileThatDoesNotExist() {
    assertRefused(null, directory.resolve("marker").toString(), "does not exist");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "marker\0"})
  void refusesWhatIsNoFile(String path) {
    assertRefused(null, path, "names a file that");
  }

  @Test
  void refusesAValueBesideAFile() throws Exception {
    assertRefused("marker", write("marker"), "are both set");
    assertRefused("", write("marker"), "are both set");
  }

  @Test
  void isTheDemonstrationValueIfNothingIsSet() {
    assertThat(properties(null, null).value()).isEqualTo("42");
  }

  @Test
  void isBoundFromTheVariable() throws Exception {
    Map<String, Object> variables =
        Map.of("GREETER_AUTH_HEADER", "x-secret", "GREETER_AUTH_VALUE_FILE", write("marker"));
    var environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addFirst(
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));

    assertThat(Binder.get(environment).bind("greeter.auth", AuthenticationProperties.class).get())
        .extracting(AuthenticationProperties::value)
        .isEqualTo("marker");
  }

  private void assertRefused(@Nullable String value, String file, String reason) {
    assertThatThrownBy(() -> properties(value, file))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContainingAll("greeter.auth.value-file", "GREETER_AUTH_VALUE_FILE", reason)
        .message()
        .doesNotContain("marker", "rker");
  }

  private String write(String content) throws IOException {
    Path file = directory.resolve("secret");
    Files.writeString(file, content.replace("\\r", "\r").replace("\\n", "\n"), UTF_8);
    return file.toString();
  }

  private static AuthenticationProperties properties(
      @Nullable String value, @Nullable String file) {
    return new AuthenticationProperties("authorization", value, file);
  }
}
