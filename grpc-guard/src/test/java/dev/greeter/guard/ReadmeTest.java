package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The code in the README, with a service that the reader has. */
class ReadmeTest {

  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private static final String AROUND =
      """
      import dev.greeter.guard.*;
      import io.grpc.*;
      import java.time.Duration;
      class Example {
        void readme(Channel channel) throws Exception {
          %s
        }
        static class QuotesGrpc {
          static QuotesStub newBlockingStub(Channel channel) { return null; }
        }
        abstract static class QuotesStub extends io.grpc.stub.AbstractBlockingStub<QuotesStub> {
          QuotesStub(Channel channel, CallOptions options) { super(channel, options); }
        }
        static class QuoteService implements BindableService {
          @Override public ServerServiceDefinition bindService() { return null; }
        }
      }
      """;

  static Stream<String> snippets() throws Exception {
    var snippets = JAVA.matcher(Files.readString(Path.of("../README.md"))).results().toList();
    assertThat(snippets).hasSize(2);
    return snippets.stream().map(snippet -> snippet.group(1));
  }

  @ParameterizedTest
  @MethodSource("snippets")
  void compiles(String snippet, @TempDir Path classes) {
    var problems = new DiagnosticCollector<JavaFileObject>();
    var file =
        new SimpleJavaFileObject(URI.create("string:///Example.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreErrors) {
            return AROUND.formatted(snippet);
          }
        };
    String path = System.getProperty("java.class.path");
    var options = List.of("-d", classes.toString(), "-cp", path, "-proc:none");
    ToolProvider.getSystemJavaCompiler()
        .getTask(null, null, problems, options, null, List.of(file))
        .call();
    assertThat(problems.getDiagnostics()).isEmpty();
  }
}
