package dev.greeter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.ClassPathResource;

/** Tools that complete settings know all that there are. */
class SettingsMetadataTest {

  /** A row of the table in settings.md. */
  private static final Pattern ROW =
      Pattern.compile("^\\| `(GREETER_\\w+)` \\| (?:client|both) \\|", Pattern.MULTILINE);

  private final List<String> described = new ArrayList<>();

  @BeforeEach
  void readMetadata() throws IOException {
    var metadata = new ClassPathResource("META-INF/spring-configuration-metadata.json");
    try (Reader json = new InputStreamReader(metadata.getInputStream(), StandardCharsets.UTF_8)) {
      for (JsonElement element :
          JsonParser.parseReader(json).getAsJsonObject().getAsJsonArray("properties")) {
        JsonObject property = element.getAsJsonObject();
        assertThat(property.keySet()).contains("name", "type", "description");
        described.add(property.get("name").getAsString());
      }
    }
  }

  @Test
  void hasEveryKeyOfTheDefaults() {
    var yaml = new YamlPropertiesFactoryBean();
    yaml.setResources(new ClassPathResource("application.yml"));

    assertThat(Objects.requireNonNull(yaml.getObject()).stringPropertyNames())
        .filteredOn(key -> key.startsWith("greeter."))
        .isNotEmpty()
        .isSubsetOf(described);
  }

  @Test
  void hasEveryVariableOfTheDocumentation() throws Exception {
    String documented = Files.readString(Path.of("../docs/settings.md"));

    assertThat(ROW.matcher(documented).results().map((MatchResult row) -> row.group(1)))
        .hasSizeGreaterThan(5)
        .containsExactlyInAnyOrderElementsOf(
            described.stream()
                .map(name -> name.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"))
                .toList());
  }
}
