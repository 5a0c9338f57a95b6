package dev.greeter.service.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ClassPathResource;

/** The limits that are set, multiplied, fit into the memory of the container. */
class MemoryBudgetTest {

  private static final Pattern SHARE = Pattern.compile("\\| [^|]+ \\| (\\d+) MB \\| [^|]+ \\|");
  private static final Pattern USE =
      Pattern.compile("\\| [^|]+ \\| (\\d+) \\| (\\d+) \\| (1|`[a-z.-]+`) \\|");

  private static final int CONTAINER_MB = 256;

  @Test
  void isThatOfTheImage() throws IOException {
    String options = Files.readString(Path.of("../docker/service.options"));
    assertThat(options)
        .contains("-XX:MaxRAMPercentage=37")
        .contains("-XX:MinRAMPercentage=37")
        .contains("-XX:MaxDirectMemorySize=" + shares().get(1) + "m");
    assertThat(shares().get(0)).isEqualTo(CONTAINER_MB * 37 / 100);
    assertThat(Files.readString(Path.of("../docker-compose.yml")))
        .contains("mem_limit: " + CONTAINER_MB + "m");
  }

  @Test
  void hasAShareForEverything() throws IOException {
    assertThat(shares()).hasSize(5);
    assertThat(shares().stream().mapToInt(Integer::intValue).sum())
        .isLessThanOrEqualTo(CONTAINER_MB);
  }

  @Test
  void isEnoughForAllThatTheLimitsAllow() throws IOException {
    List<MatchResult> uses = rows(USE);
    assertThat(uses).hasSize(9);
    long heap = 0;
    long buffers = 0;
    for (MatchResult use : uses) {
      int times = times(use.group(3));
      heap += Long.parseLong(use.group(1)) * times;
      buffers += Long.parseLong(use.group(2)) * times;
    }
    assertThat(heap / 1024).as("MB of heap").isLessThanOrEqualTo(shares().get(0));
    assertThat(buffers / 1024).as("MB of buffers").isLessThanOrEqualTo(shares().get(1));
  }

  private static List<Integer> shares() throws IOException {
    return rows(SHARE).stream().map(row -> Integer.valueOf(row.group(1))).toList();
  }

  private static List<MatchResult> rows(Pattern row) throws IOException {
    return Files.readAllLines(Path.of("../SECURITY.md")).stream()
        .flatMap(line -> row.matcher(line).results())
        .toList();
  }

  private static int times(String property) throws IOException {
    if (property.equals("1")) {
      return 1;
    }
    for (PropertySource<?> source :
        new YamlPropertySourceLoader().load("test", new ClassPathResource("application.yml"))) {
      Object value = source.getProperty(property.replace("`", ""));
      if (value != null) {
        return Integer.parseInt(value.toString());
      }
    }
    throw new AssertionError(property + " is no limit");
  }
}
