package dev.greeter.guard.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.core.io.ClassPathResource;

/** Tests the metadata that an IDE shows. */
class MetadataTest {

  @Test
  void describesEachProperty() throws Exception {
    var file = new ClassPathResource("META-INF/spring-configuration-metadata.json");
    var metadata = JsonParserFactory.getJsonParser().parseMap(file.getContentAsString(UTF_8));
    assertThat((List<?>) metadata.get("properties"))
        .hasSizeGreaterThan(12)
        .allSatisfy(
            property ->
                assertThat(((Map<?, ?>) property).get("description")).asString().endsWith("."));
  }
}
