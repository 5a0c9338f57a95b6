package dev.greeter.service.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ClassPathResource;

/** The limits that an operator reads of are those that are set. */
class DocumentedLimitsTest {

  private static final Pattern ROW = Pattern.compile("\\| `([a-z.-]+)` \\| (\\w+) \\|.*");
  private static final Pattern LIMIT =
      Pattern.compile("greeter\\.server\\.limits\\..*|grpc\\.server\\.(max-.*|.*keep-alive.*)");

  @Test
  void areThoseOfTheConfiguration() throws IOException {
    Map<String, String> documented = new TreeMap<>();
    for (String line : Files.readAllLines(Path.of("../SECURITY.md"))) {
      var row = ROW.matcher(line);
      if (row.matches()) {
        documented.put(row.group(1), row.group(2));
      }
    }
    assertThat(configured()).isNotEmpty().isEqualTo(documented);
  }

  private static Map<String, String> configured() throws IOException {
    Map<String, String> limits = new TreeMap<>();
    for (PropertySource<?> source :
        new YamlPropertySourceLoader().load("test", new ClassPathResource("application.yml"))) {
      for (String name : ((EnumerablePropertySource<?>) source).getPropertyNames()) {
        if (LIMIT.matcher(name).matches()) {
          limits.put(name, String.valueOf(source.getProperty(name)));
        }
      }
    }
    return limits;
  }
}
