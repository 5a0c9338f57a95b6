package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.ReadmeSnippets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code in the module's README compiles. */
class ReadmeTest {

  private static final String AROUND =
      """
      import dev.greeter.guard.*;
      import io.grpc.*;
      import java.time.Duration;
      class Example {
        void readme(ServerBuilder<?> serverBuilder) throws Exception {
          %s
        }
      }
      """;

  @Test
  void compiles(@TempDir Path classes) throws Exception {
    var snippets = ReadmeSnippets.of("README.md");
    assertThat(snippets).hasSize(1);
    assertThat(ReadmeSnippets.compile(AROUND.formatted(snippets.get(0)), classes)).isEmpty();
  }
}
