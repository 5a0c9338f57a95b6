package dev.greeter.cli.shell;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.file.StandardOpenOption.APPEND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.TestClient;
import dev.greeter.cli.TestClient.Result;
import dev.greeter.cli.TestServer;
import io.grpc.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines of commands, from a file and from standard input. */
class ScriptTest {

  private static final String LINES =
      """
      # a comment, with a quote that is not closed: "

        greet Ada
      greet NOT_FOUND
      greet Bob
      greet UNAUTHENTICATED
      greet
      greet Cy
      exit
      greet Dan
      """;

  private static TestServer server;

  @TempDir private Path directory;

  @BeforeAll
  static void startServer() throws Exception {
    server = TestServer.of(new TestServer.Greeter());
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Test
  void stopsAtTheFirstFailureOfPipedLines() {
    assertStoppedAtFirst(client().reading(LINES).run());
  }

  @Test
  void stopsAtTheFirstFailureOfAFile() throws Exception {
    assertStoppedAtFirst(client().run("script", file(LINES)));
  }

  @Test
  void keepsGoingWithPipedLines() {
    Result result = client().reading(LINES.replace("greet\n", "nope\n")).run("--keep-going");

    assertThat(result.out()).isEqualTo("Hello Ada!\nHello Bob!\nHello Cy!\n");
    assertThat(result.err()).contains("NOT_FOUND", "refused the secret", "no command 'nope'");
    assertThat(result.exitCode()).as("of the last failure").isEqualTo(2);
  }

  @Test
  void tellsWhereTheLineStandsThatFailed() throws Exception {
    String script = file(LINES);

    assertThat(client().run("script", script).err()).startsWith(script + ":4: The call to ");
    assertThat(client().reading("greet Ada\nnope\n").run().err())
        .startsWith("standard input:2: There is no command 'nope'.");
    assertThat(client().reading("greet NOT_FOUND --output json\n").run().err())
        .endsWith("\"at\":\"standard input:1\"}\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"greet", "chat", "greet -"})
  void giveNoInputToTheirCommandsIfTheyArePiped(String command) {
    Result result = client().reading(command + "\ngreet Ada\n").run("--keep-going");

    assertThat(result.out()).isEqualTo("Hello Ada!\n");
    assertThat(result.err()).contains("standard input:1: ", "script FILE").hasLineCount(2);
    assertThat(result.exitCode()).isEqualTo(2);
  }

  @Test
  void mayBeginWithAByteOrderMark() throws Exception {
    String lines = "\uFEFFgreet Ada\r\ngreet \uFEFFBob\r\n";

    assertThat(client().reading(lines).run().out()).isEqualTo("Hello Ada!\nHello \\ufeffBob!\n");
    assertThat(client().run("script", file(lines)).exitCode()).isZero();
  }

  @Test
  @Timeout(60)
  void endWhenNobodyReadsTheResultsThoughTheyKeepGoing() {
    byte[] line = "greet Ada\n".getBytes(ISO_8859_1);
    var endless =
        new InputStream() {
          private int next;

          @Override
          public int read() {
            return line[next++ % line.length];
          }
        };
    var closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };

    Result result = client().reading(endless).writing(closed).run("--keep-going");

    assertThat(result.err()).isEmpty();
    assertThat(result.exitCode()).isEqualTo(1);
  }

  @Test
  @Timeout(60)
  void endWhenTheUserCancelsThem() throws Exception {
    String script = file("greet Ada\n".repeat(400));
    var cancelled = Context.current().withCancellation();
    cancelled.cancel(null);
    TestClient client = client();

    cancelled.run(() -> client.run("script", script, "--keep-going"));

    assertThat(client.err()).containsOnlyOnce("was cancelled").hasLineCount(1);
  }

  @Test
  void goOnBehindALineThatCannotBeRead() throws Exception {
    Path file = Files.writeString(directory.resolve("latin"), "greet Zo\u00eb\n", ISO_8859_1);
    Files.writeString(file, "greet " + "y".repeat(70_000) + "\ngreet Ada\n", APPEND);

    Result result = client().run("script", file.toString(), "--keep-going");

    assertThat(result.out()).isEqualTo("Hello Ada!\n");
    assertThat(result.err()).contains("Line 1 of " + file + " is not UTF-8", "Line 2 of ");
    assertThat(result.exitCode()).isEqualTo(2);
  }

  @Test
  void setWhatHoldsForTheLinesThatFollow() throws Exception {
    String lines = "set output json\ngreet Ada\nset server 127.0.0.1:1\ngreet Bob\nset nothing\n";

    Result result = client().reading(lines).run("--keep-going");

    assertThat(result.out()).isEqualTo("{\"name\":\"Ada\",\"greeting\":\"Hello Ada!\"}\n");
    assertThat(result.err())
        .contains("{\"code\":\"UNAVAILABLE\"", "127.0.0.1:1", "set takes a name and a value.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"set server localhost", "set output xml", "set", "set server"})
  void refuseWhatCannotBeSet(String line) {
    assertRefused(client().reading(line + "\n").run(), "standard input:1: ");
  }

  @Test
  void keepsGoingWithAFileWhoseCommandsReadStandardInput() throws Exception {
    Result result = client().reading("Zoe\n").run("script", file(LINES), "--keep-going");

    assertThat(result.out()).isEqualTo("Hello Ada!\nHello Bob!\nHello Zoe!\nHello Cy!\n");
    assertThat(result.exitCode()).as("of the last failure").isEqualTo(80);
  }

  @Test
  void succeedsIfEveryLineDoes() throws Exception {
    assertThat(client().run("script", file("greet Ada\nchat --help\n")).exitCode()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"nowhere", ".", "a\0b"})
  void refusesWhatIsNoFile(String name) {
    Result result = client().run("script", directory.resolve(".") + "/" + name);

    assertRefused(result, "The script cannot be read", "Give the path of a file.");
  }

  @Test
  void refusesAFileThatIsNotUtf8() throws Exception {
    Path file = Files.writeString(directory.resolve("latin"), "greet Zo\u00eb\n", ISO_8859_1);

    assertRefused(client().run("script", file.toString()), "not UTF-8", "iconv");
  }

  @Test
  void refusesAScriptInAScript() throws Exception {
    String inner = file("greet Ada\n");
    Path outer = Files.writeString(directory.resolve("outer"), "script " + inner + "\n");

    Result result = client().run("script", outer.toString());

    assertRefused(result, "A script runs no other script.");
    assertThat(result.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"script", "script a b"})
  void takesOneFile(String line) {
    assertRefused(client().run(line.split(" ")), "script takes one file.");
  }

  private static void assertStoppedAtFirst(Result result) {
    assertThat(result.out()).isEqualTo("Hello Ada!\n");
    assertThat(result.err()).contains("NOT_FOUND").hasLineCount(2);
    assertThat(result.exitCode()).isEqualTo(64 + 5);
  }

  private static void assertRefused(Result result, String... said) {
    assertThat(result.err()).contains(said).hasLineCount(2);
    assertThat(result.exitCode()).isEqualTo(2);
  }

  private String file(String lines) throws Exception {
    return Files.writeString(directory.resolve("script"), lines).toString();
  }

  private static TestClient client() {
    return TestClient.of(server.address());
  }
}
