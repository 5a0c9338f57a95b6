package dev.greeter.service.settings;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.io.ClassPathResource;

/**
 * What an IDE completes and explains: every property of the service, those of docs/settings.md too.
 */
class ConfigurationMetadataTest {

  /** In the table of docs/settings.md, a variable that the service has. */
  private static final Pattern VARIABLE =
      Pattern.compile("\\| `(GREETER_[A-Z_]+)` \\| (?:service|both) \\|.*");

  @Test
  void explainsEveryPropertyOfTheConfiguration() throws IOException {
    var configured = new TreeSet<String>();
    for (var source :
        new YamlPropertySourceLoader().load("test", new ClassPathResource("application.yml"))) {
      for (String name : ((EnumerablePropertySource<?>) source).getPropertyNames()) {
        if (name.startsWith("greeter.")) {
          configured.add(name.replaceFirst("\\[\\d+]$", ""));
        }
      }
    }
    assertThat(configured).hasSizeGreaterThan(20);
    assertThat(explained().keySet()).containsAll(configured);
  }

  @Test
  void explainsEveryDocumentedVariable() throws IOException {
    var variables = new TreeSet<String>();
    for (String line : Files.readAllLines(Path.of("../docs/settings.md"))) {
      var row = VARIABLE.matcher(line);
      if (row.matches()) {
        variables.add(row.group(1));
      }
    }
    assertThat(variables).hasSizeGreaterThan(10);
    assertThat(explained().keySet())
        .extracting(name -> name.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"))
        .containsAll(variables);
  }

  @Test
  void explainsEachInASentence() throws IOException {
    assertThat(explained()).allSatisfy((name, text) -> assertThat(text).as(name).isNotBlank());
  }

  private static Map<String, String> explained() throws IOException {
    var metadata = new ClassPathResource("META-INF/spring-configuration-metadata.json");
    var properties = new TreeMap<String, String>();
    for (JsonNode property :
        new ObjectMapper().readTree(metadata.getInputStream()).get("properties")) {
      properties.put(property.get("name").asText(), property.path("description").asText());
    }
    return properties;
  }
}
