package dev.greeter.service.settings;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.ClassPathResource;

/** The metadata for IDEs covers every setting with a default or in the docs. */
class ConfigurationMetadataTest {

  /** A variable of the service in the table of docs/settings.md. */
  private static final Pattern VARIABLE =
      Pattern.compile("(?m)^\\| `(GREETER_[A-Z_]+)` \\| (?:service|both) \\|");

  @Test
  void describesEverySetting() throws Exception {
    Map<String, String> explained = explained();
    assertThat(explained).allSatisfy((name, text) -> assertThat(text).as(name).isNotBlank());

    List<String> configured =
        new BoundSettings()
            .variables().keySet().stream()
                .filter(name -> name.startsWith("GREETER_"))
                .map(name -> name.replaceFirst("_\\d$", ""))
                .toList();
    assertThat(configured).hasSizeGreaterThan(20);
    assertThat(explained.keySet()).containsAll(configured);

    List<String> documented =
        VARIABLE
            .matcher(Files.readString(Path.of("../docs/settings.md")))
            .results()
            .map((MatchResult row) -> row.group(1))
            .toList();
    assertThat(documented).hasSizeGreaterThan(10);
    assertThat(explained.keySet()).containsAll(documented);
  }

  private static Map<String, String> explained() throws IOException {
    var metadata = new ClassPathResource("META-INF/spring-configuration-metadata.json");
    var variables = new TreeMap<String, String>();
    for (JsonNode property :
        new ObjectMapper().readTree(metadata.getInputStream()).get("properties")) {
      String variable = property.get("name").asText().replaceAll("[.-]", "_");
      variables.put(variable.toUpperCase(Locale.ROOT), property.path("description").asText());
    }
    return variables;
  }
}
