package dev.greeter.service.kubernetes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Properties;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.io.FileSystemResource;

/** What the manifests have to agree with: the program's settings, Compose's and the image's. */
final class Sources {

  private static final Properties APPLICATION =
      properties(Path.of("src/main/resources/application.yml"));
  private static final Properties COMPOSE = properties(Path.of("../docker-compose.yml"));

  private Sources() {}

  /** Returns the port that the program listens on. */
  static int port() {
    return Integer.parseInt(application("grpc.server.port"));
  }

  /** Returns a property of application.yml. */
  static String application(String property) {
    return Objects.requireNonNull(APPLICATION.getProperty(property), property);
  }

  /** Returns a setting of docker-compose.yml by its path, or null if it is not set. */
  static @Nullable String compose(String path) {
    return COMPOSE.getProperty(path);
  }

  /** Reads a duration such as {@code 3s}. */
  static Duration duration(@Nullable String value) {
    return DurationStyle.detectAndParse(Objects.requireNonNull(value));
  }

  /**
   * Finds an instruction in the last stage of the service's image.
   *
   * @param instruction pattern of its line
   */
  static MatchResult inImage(String instruction) throws IOException {
    var stage = Pattern.compile("(?ms)^FROM \\S+ AS greeter-service$.*?(?=^FROM )");
    return find(
        Pattern.compile("(?m)^" + instruction + "$"),
        find(stage, Files.readString(Path.of("../Dockerfile"))).group());
  }

  /**
   * Finds a line of docs/operate.md.
   *
   * @param line pattern of it
   */
  static MatchResult inOperate(String line) throws IOException {
    return find(
        Pattern.compile("(?m)^" + line + "$"), Files.readString(Path.of("../docs/operate.md")));
  }

  private static MatchResult find(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("No " + pattern + " in:\n" + text));
  }

  private static Properties properties(Path file) {
    var yaml = new YamlPropertiesFactoryBean();
    yaml.setResources(new FileSystemResource(file));
    return Objects.requireNonNull(yaml.getObject());
  }
}
