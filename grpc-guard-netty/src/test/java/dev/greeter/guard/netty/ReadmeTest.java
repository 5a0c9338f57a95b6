package dev.greeter.guard.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.ReadmeSnippets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code in the READMEs of the project and of the module compiles. */
class ReadmeTest {

  private static final String AROUND =
      """
      import dev.greeter.guard.*;
      import dev.greeter.guard.netty.*;
      import io.grpc.*;
      import java.time.Duration;
      import java.util.concurrent.Executors;
      class Example {
        void readme() throws Exception {
          %s
        }
        void readme(Channel channel) throws Exception {
          %s
        }
        void around(Secrets secrets) throws Exception {
          %s
        }
        void around(Guard guard, ServerBuilder<?> server) {
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

  @Test
  void compiles(@TempDir Path classes) throws Exception {
    var ofProject = ReadmeSnippets.of("../README.md");
    var ofModule = ReadmeSnippets.of("README.md");
    assertThat(ofProject).hasSize(2);
    assertThat(ofModule).hasSize(2);
    Object[] snippets = Stream.of(ofProject, ofModule).flatMap(each -> each.stream()).toArray();
    assertThat(ReadmeSnippets.compile(AROUND.formatted(snippets), classes)).isEmpty();
  }
}
