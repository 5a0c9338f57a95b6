package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code in the README, with a service that the reader has. */
class ReadmeTest {

  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private static final String AROUND =
      """
      import dev.greeter.guard.*;
      import io.grpc.*;
      import io.grpc.stub.AbstractBlockingStub;
      import java.time.Duration;

      class Example {

        void readme(Channel channel) throws Exception {
          %s
        }

        abstract static class QuotesGrpc implements BindableService {
          static QuotesStub newBlockingStub(Channel channel) {
            return new QuotesStub(channel, CallOptions.DEFAULT);
          }
        }

        static class QuotesStub extends AbstractBlockingStub<QuotesStub> {
          QuotesStub(Channel channel, CallOptions options) {
            super(channel, options);
          }

          @Override
          protected QuotesStub build(Channel channel, CallOptions options) {
            return new QuotesStub(channel, options);
          }
        }

        static class QuoteService extends QuotesGrpc {
          @Override
          public ServerServiceDefinition bindService() {
            return ServerServiceDefinition.builder("quotes").build();
          }
        }
      }
      """;

  @TempDir private Path classes;

  @Test
  void compiles() throws IOException {
    var snippets = JAVA.matcher(Files.readString(Path.of("../README.md"))).results().toList();
    assertThat(snippets).hasSize(2);
    for (var snippet : snippets) {
      assertThat(problems(AROUND.formatted(snippet.group(1)))).isEmpty();
    }
  }

  private List<String> problems(String source) {
    var problems = new DiagnosticCollector<JavaFileObject>();
    var file =
        new SimpleJavaFileObject(URI.create("string:///Example.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreErrors) {
            return source;
          }
        };
    var options =
        List.of(
            "-d", classes.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
    ToolProvider.getSystemJavaCompiler()
        .getTask(null, null, problems, options, null, List.of(file))
        .call();
    return problems.getDiagnostics().stream().map(p -> p.getMessage(Locale.ROOT)).toList();
  }
}
