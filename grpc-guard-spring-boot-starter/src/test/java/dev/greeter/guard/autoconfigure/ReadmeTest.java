package dev.greeter.guard.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.ReadmeSnippets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles the code in the README. */
class ReadmeTest {

  private static final String AROUND =
      """
      import dev.greeter.guard.*;
      import io.grpc.Status;
      import java.util.concurrent.TimeoutException;
      import org.springframework.beans.factory.annotation.Autowired;
      import org.springframework.boot.grpc.test.autoconfigure.AutoConfigureTestGrpcTransport;
      import org.springframework.boot.test.context.SpringBootTest;
      import org.springframework.context.annotation.Bean;
      import org.springframework.grpc.client.GrpcChannelFactory;
      class Example {
        %s
      }
      """;

  @Test
  void compiles(@TempDir Path classes) throws Exception {
    var snippets = ReadmeSnippets.of("README.md");
    assertThat(snippets).hasSize(2);
    assertThat(ReadmeSnippets.compile(AROUND.formatted(String.join("\n", snippets)), classes))
        .isEmpty();
  }
}
