package dev.greeter.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import dev.greeter.cli.TestClient;
import dev.greeter.cli.TestClient.Result;
import dev.greeter.cli.TestServer;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code greet} with many names: concurrent, in order, and each failure with its name. */
@Timeout(60)
class ManyGreetingsTest {

  private static TestServer server;

  @BeforeAll
  static void startServer() throws Exception {
    server = TestServer.of(new TestServer.Greeter());
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({"--keep-going, 64", "--keep-going --concurrency=3, 3"})
  void preservesOrderOfConcurrentGreetings(String option, int concurrency) throws Exception {
    var batches = new Batches(concurrency, 5_000);
    String names = IntStream.range(0, 5_000).mapToObj(i -> i + "\n").collect(joining());
    String greetings = names.replaceAll(".+", "Hello $0!");
    try (TestServer slow = TestServer.of(batches)) {
      TestClient client = TestClient.of(slow.address()).reading(names);

      assertThat(client.run(command(option))).isEqualTo(new Result(0, greetings, ""));
      assertThat(batches.largest).isEqualTo(concurrency);
    }
  }

  @Test
  void printsEachGreetingBeforeReadingNextName() throws Exception {
    TestClient client = client().start("greet", "-");

    for (String name : List.of("Ada", "Bob")) {
      client.send(name);
      client.await("Hello " + name + "!\n");
    }
    assertThat(client.end().exitCode()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "'', Hello Ada!|, '1 greeted, 1 failed, the rest skipped. --keep-going asks for all.'",
    "--keep-going, Hello Ada!|Hello Bob!|, '2 greeted, 2 failed.'"
  })
  void stopsAtInvalidLineUnlessKeepGoing(String option, String out, String counts) {
    var input = new ByteArrayOutputStream();
    input.writeBytes(new byte[] {'A', 'd', 'a', '\n', 'x', (byte) 0xff, '\n'});
    input.writeBytes(("y".repeat(65_537) + "\nBob\n").getBytes(UTF_8));

    Result result =
        client().reading(new ByteArrayInputStream(input.toByteArray())).run(command(option));

    assertThat(result.out()).isEqualTo(out.replace('|', '\n'));
    assertThat(result.err())
        .startsWith("Line 2 of standard input is not UTF-8. ")
        .endsWith("\n" + counts + "\n");
    assertThat(result.exitCode()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"UNAUTHENTICATED", "PERMISSION_DENIED", "UNAVAILABLE"})
  void callsOnceIfAllCallsWouldFail(String code) {
    int before = server.calls();
    TestClient client = client().variable("GREETER_SERVICE_CONFIG", "{}");

    assertThat(client.reading((code + "\n").repeat(300)).run("greet", "-").err())
        .endsWith("\n0 greeted, 1 failed, the rest skipped. --keep-going asks for all.\n");
    assertThat(server.calls()).isEqualTo(before + 1);
  }

  @Test
  void stopsOnBrokenPipe() {
    int before = server.calls();
    var closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };

    Result result = client().reading("Ada\n".repeat(10_000)).writing(closed).run("greet", "-");

    assertThat(result.err()).isEmpty();
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(server.calls()).isLessThan(before + 10_000);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 74})
  void printsCountsWhenCancelled(int names) throws Exception {
    int before = server.calls();
    TestClient client =
        client().start(("greet --keep-going --timeout 60s" + " SILENT".repeat(names)).split(" "));
    int running = Math.min(names, 64);
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> server.calls() - before == running);
    client.cancel();

    assertThat(client.end())
        .isEqualTo(
            new Result(
                65,
                "",
                "0 greeted, 0 failed, %d skipped.\nThe call to %s was cancelled.\n"
                    .formatted(names, server.address())));
  }

  private static String[] command(String option) {
    return ("greet - " + option).strip().split(" ");
  }

  private static TestClient client() {
    return TestClient.of(server.address());
  }

  /** Answers when the maximum number of calls is running, the last name first. */
  private static final class Batches extends TestServer.Greeter {
    private final int size;
    private final List<Runnable> held = new ArrayList<>();
    private int left;
    private int largest;

    private Batches(int size, int names) {
      this.size = size;
      this.left = names;
    }

    @Override
    public synchronized void greet(
        GreetingRequest request, StreamObserver<GreetingResponse> answers) {
      held.add(0, () -> super.greet(request, answers));
      largest = Math.max(largest, held.size());
      left--;
      if (held.size() == size || left < size) {
        held.forEach(Runnable::run);
        held.clear();
      }
    }
  }
}
