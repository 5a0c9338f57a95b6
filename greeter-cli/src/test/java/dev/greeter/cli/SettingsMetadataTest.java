package dev.greeter.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.io.Resources;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** Every setting has metadata for completion in editors. */
class SettingsMetadataTest {

  /** A row of the table in settings.md. */
  private static final Pattern ROW =
      Pattern.compile("^\\| `(GREETER_\\w+)` \\| (?:client|both) \\|", Pattern.MULTILINE);

  @Test
  void matchesDocumentedSettings() throws Exception {
    var file = Resources.getResource("META-INF/spring-configuration-metadata.json");
    var properties =
        JsonParser.parseString(Resources.toString(file, UTF_8)).getAsJsonObject().get("properties");
    var described =
        StreamSupport.stream(properties.getAsJsonArray().spliterator(), false)
            .map(property -> property.getAsJsonObject())
            .peek(p -> assertThat(p.keySet()).contains("name", "type", "description"))
            .map(p -> p.get("name").getAsString().toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"));
    String documented = Files.readString(Path.of("../docs/settings.md"));

    assertThat(described)
        .containsExactlyInAnyOrderElementsOf(
            ROW.matcher(documented).results().map(row -> row.group(1)).toList());
  }
}
