package dev.greeter.cli.greeting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.HostAndPort;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.SettableFuture;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import dev.greeter.cli.TestClient;
import dev.greeter.cli.TestClient.Result;
import dev.greeter.cli.TestServer;
import dev.greeter.cli.call.Channels;
import dev.greeter.cli.call.Target;
import dev.greeter.cli.call.TlsFiles;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.Session;
import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintWriter;
import java.io.SequenceInputStream;
import java.io.StringWriter;
import java.io.Writer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.devh.boot.grpc.client.channelfactory.ShadedNettyChannelFactory;
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import net.devh.boot.grpc.client.interceptor.GlobalClientInterceptorRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.support.StaticApplicationContext;
import org.springframework.shell.core.InputReader;

/** {@code greet} with many names: side by side, in order, and each failure told with its name. */
@Timeout(60)
class ManyGreetingsTest {

  private static final int SIDE_BY_SIDE = 64;

  private final List<TestServer> servers = new ArrayList<>();

  @AfterEach
  void stopServers() {
    servers.forEach(TestServer::close);
  }

  @Test
  void keepsTheOrderOfTheNamesWhenTheAnswersComeInAnother() throws Exception {
    TestServer server = serve(new Batches(8));

    Result result =
        TestClient.of(server.address())
            .run("greet", "--keep-going", "1", "2", "3", "4", "5", "6", "7", "8");

    assertThat(result.out())
        .isEqualTo(
            IntStream.rangeClosed(1, 8)
                .mapToObj(i -> "Hello " + i + "!\n")
                .collect(Collectors.joining()));
  }

  @Test
  void tellsEachFailureWithItsNameAndGoesOn() throws Exception {
    TestServer server = serve(new TestServer.Greeter());

    Result result =
        TestClient.of(server.address())
            .reading("Ada\nINVALID_ARGUMENT\nNOT_FOUND\nBob\n")
            .run("greet", "-");

    assertThat(result.out()).isEqualTo("Hello Ada!\nHello Bob!\n");
    assertThat(result.err().lines().filter(line -> line.startsWith("'")))
        .satisfiesExactly(
            line -> assertThat(line).startsWith("'INVALID_ARGUMENT': The service at "),
            line -> assertThat(line).startsWith("'NOT_FOUND': The call to "));
    assertThat(result.exitCode()).as("of the last failure").isEqualTo(64 + 5);
  }

  @Test
  void runsNoMoreThan64CallsAtATime() throws Exception {
    var batches = new Batches(SIDE_BY_SIDE);
    TestServer server = serve(batches);

    Result result =
        TestClient.of(server.address())
            .reading("n\n".repeat(5 * SIDE_BY_SIDE))
            .run("greet", "-", "--keep-going");

    assertThat(result.out()).hasLineCount(5 * SIDE_BY_SIDE);
    assertThat(batches.largest).isEqualTo(SIDE_BY_SIDE);
  }

  @Test
  void answersASlowProducerAtOnce() throws Exception {
    TestServer server = serve(new TestServer.Greeter());
    var producer = new PipedOutputStream();
    TestClient client = TestClient.of(server.address()).reading(new PipedInputStream(producer));
    FutureTask<Result> run = inBackground(client, Context.ROOT.withCancellation(), "greet", "-");

    for (String name : List.of("Ada", "Bob")) {
      producer.write((name + "\n").getBytes(UTF_8));
      producer.flush();
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(client.out()).endsWith("Hello " + name + "!\n"));
    }
    producer.close();
    assertThat(run.get().exitCode()).isZero();
  }

  @Test
  void answersWhatItSentBeforeInputThatIsNotUtf8() throws Exception {
    TestServer server = serve(new TestServer.Greeter());
    var input =
        new SequenceInputStream(
            new ByteArrayInputStream("Ada\n".getBytes(UTF_8)),
            new ByteArrayInputStream(new byte[] {'Z', 'o', (byte) 0xeb, '\n'}));

    Result result = TestClient.of(server.address()).reading(input).run("greet", "-");

    assertThat(result.out()).isEqualTo("Hello Ada!\n");
    assertThat(result.err())
        .isEqualTo(
            """
            Line 2 of standard input is not UTF-8.
            Convert the input first, for example with iconv.
            1 greeted, 1 failed, those behind it not asked for; --keep-going asks for all.
            """);
    assertThat(result.exitCode()).isEqualTo(2);
  }

  @Test
  void goesOnBehindALineThatHoldsNoName() throws Exception {
    TestServer server = serve(new TestServer.Greeter());
    var input = new ByteArrayOutputStream();
    String names = IntStream.range(0, 5_000).mapToObj(i -> i + "\n").collect(Collectors.joining());
    input.write(names.getBytes(UTF_8));
    input.write(new byte[] {'x', (byte) 0xff, '\n'});
    input.write(("y".repeat(65_537) + "\nBob\n").getBytes(UTF_8));

    Result result =
        TestClient.of(server.address())
            .reading(new ByteArrayInputStream(input.toByteArray()))
            .run("greet", "-", "--keep-going");

    assertThat(result.out()).hasLineCount(5_001).endsWith("Hello 4999!\nHello Bob!\n");
    assertThat(result.err())
        .contains(
            "Line 5001 of standard input is not UTF-8.", "Line 5002 of standard input is longer")
        .endsWith("5001 greeted, 2 failed.\n");
    assertThat(result.exitCode()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"UNAUTHENTICATED", "UNAVAILABLE"})
  void asksOnceIfTheOthersWouldFailToo(String code) throws Exception {
    TestServer server = serve(new TestServer.Greeter());

    Result result =
        TestClient.of(server.address(), "greeter.service-config={}")
            .reading((code + "\n").repeat(300))
            .run("greet", "-");

    assertThat(server.headers()).hasSize(1);
    assertThat(result.err())
        .startsWith("'" + code + "': ")
        .endsWith(
            "0 greeted, 1 failed, those behind it not asked for; --keep-going asks for all.\n")
        .hasLineCount(3);
    assertThat(result.exitCode()).isEqualTo(64 + Status.Code.valueOf(code).value());
  }

  @Test
  void tellsHowManyHaveNotBeenAskedFor() throws Exception {
    TestServer server = serve(new TestServer.Greeter());

    Result result =
        TestClient.of(server.address())
            .run("greet", "UNAUTHENTICATED", "Ada", "Bob", "--output=json");

    assertThat(result.out()).isEmpty();
    assertThat(result.err()).endsWith("{\"greeted\":0,\"failed\":1,\"notAsked\":2}\n");
  }

  @Test
  void asksForAllIfToldTo() throws Exception {
    TestServer server = serve(new TestServer.Greeter());

    Result result =
        TestClient.of(server.address())
            .run("greet", "--keep-going", "UNAUTHENTICATED", "Ada", "UNAVAILABLE", "Bob");

    assertThat(result.out()).isEqualTo("Hello Ada!\nHello Bob!\n");
    assertThat(result.err()).endsWith("2 greeted, 2 failed.\n");
  }

  @Test
  void goesOnIfTheServiceIsGoneOnlyForAWhile() throws Exception {
    TestServer server = serve(new TestServer.Greeter());

    Result result =
        TestClient.of(server.address(), "greeter.service-config={}")
            .run("greet", "Ada", "UNAVAILABLE", "Bob");

    assertThat(result.out()).isEqualTo("Hello Ada!\nHello Bob!\n");
  }

  @Test
  void stopsAtTheFirstFailureIfToldTo() throws Exception {
    TestServer server = serve(new TestServer.Greeter());

    Result result =
        TestClient.of(server.address())
            .run("greet", "--fail-fast", "--concurrency", "1", "Ada", "NOT_FOUND", "Bob", "Cy");

    assertThat(result.out()).isEqualTo("Hello Ada!\n");
    assertThat(result.err()).endsWith("1 greeted, 1 failed, 2 not asked for.\n");
    assertThat(server.headers()).as("one at a time").hasSize(2);
    assertThat(result.exitCode()).isEqualTo(64 + 5);
  }

  @Test
  void stopsWhenNobodyReadsTheAnswers() throws Exception {
    TestServer server = serve(new TestServer.Greeter());

    Result result =
        TestClient.of(server.address())
            .reading("Ada\n".repeat(10_000))
            .writing(new ClosedPipe())
            .run("greet", "-");

    assertThat(result.err()).isEmpty();
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(server.headers()).hasSizeLessThan(10_000);
  }

  @Test
  void endsWhenNoCallCanBeStarted() throws Exception {
    TestServer server = serve(new TestServer.Greeter());
    String noFile = "grpc.client.GLOBAL.security.trust-cert-collection=file:/nowhere";

    Result result =
        TestClient.of(server.address(), "grpc.client.GLOBAL.negotiation-type=tls", noFile)
            .run("greet", "Ada", "Bob");

    assertThat(result.err()).contains("trust-cert-collection");
    assertThat(result.exitCode()).isEqualTo(2);
  }

  @Test
  @Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
  void waitsForNoCallBehindOneWhoseAnswerCannotBePrinted() throws Exception {
    var err = new StringWriter();
    var session =
        new Session(
            new InputReader() {},
            new PickyWriter(),
            new PrintWriter(err, true),
            UnaryOperator.identity());
    var settings = new GrpcChannelsProperties();
    var registry = new GlobalClientInterceptorRegistry(new StaticApplicationContext());
    var factory = new ShadedNettyChannelFactory(settings, registry, List.of());
    Map<String, SettableFuture<GreetingResponse>> answers = new HashMap<>();
    var client =
        new GreeterClient(new Channels(factory, settings, new TlsFiles(settings))) {
          @Override
          ListenableFuture<GreetingResponse> greetLater(String name, Target target) {
            return answers.computeIfAbsent(name, n -> SettableFuture.create());
          }
        };
    var target =
        new Target(HostAndPort.fromParts("there", 1), Duration.ofSeconds(5), List.of(), false);

    try (var many =
        new ManyGreetings(
            client, target, Output.of(null, session), AfterFailure.KEEP_GOING, SIDE_BY_SIDE)) {
      for (String name : List.of("Ada", "Bob", "Cy")) {
        many.greet(name);
      }
      many.expectNoMore();
      // The last one's is there when the others are printed.
      for (String name : List.of("Cy", "Bob", "Ada")) {
        Objects.requireNonNull(answers.get(name))
            .set(GreetingResponse.newBuilder().setGreeting(name).build());
      }
      assertThat(many.finish()).isEqualTo(1);
    }
    assertThat(err.toString())
        .contains("IllegalStateException: not Bob")
        .endsWith("2 greeted, 1 failed.\n");
  }

  @Test
  void tellsACancellationOnceWhenAllCallsAreRunning() throws Exception {
    tellsACancellationOnce(2);
  }

  @Test
  void tellsACancellationOnceWhenNamesWaitForAFreeCall() throws Exception {
    tellsACancellationOnce(SIDE_BY_SIDE + 10);
  }

  private TestServer serve(BindableService service) throws IOException {
    TestServer server = TestServer.of(service);
    servers.add(server);
    return server;
  }

  private void tellsACancellationOnce(int names) throws Exception {
    var silent = new Silent(Math.min(names, SIDE_BY_SIDE));
    TestServer server = serve(silent);
    CancellableContext context = Context.ROOT.withCancellation();
    String[] command =
        Stream.concat(
                Stream.of("greet", "--keep-going", "--timeout", "60s"),
                IntStream.range(0, names).mapToObj(i -> "n" + i))
            .toArray(String[]::new);
    FutureTask<Result> run = inBackground(TestClient.of(server.address()), context, command);

    silent.called.await();
    context.cancel(null);

    Result result = run.get(30, TimeUnit.SECONDS);
    assertThat(result.err()).contains("was cancelled").hasLineCount(1);
    assertThat(result.exitCode()).isEqualTo(64 + 1);
  }

  private static FutureTask<Result> inBackground(
      TestClient client, CancellableContext context, String... arguments) {
    var run = new FutureTask<>(context.wrap(() -> client.run(arguments)));
    var thread = new Thread(run, "client");
    thread.setDaemon(true);
    thread.start();
    return run;
  }

  /** Answers when so many calls are running, the last name first. */
  private static final class Batches extends TestServer.Greeter {
    private final int size;
    private final List<Held> held = new ArrayList<>();
    private int largest;

    private Batches(int size) {
      this.size = size;
    }

    private record Held(String name, Runnable answer) {}

    @Override
    public synchronized void greet(
        GreetingRequest request, StreamObserver<GreetingResponse> answers) {
      held.add(new Held(request.getName(), () -> super.greet(request, answers)));
      largest = Math.max(largest, held.size());
      if (held.size() >= size) {
        waitForMore();
        held.sort(Comparator.comparing(Held::name).reversed());
        held.forEach(call -> call.answer().run());
        held.clear();
      }
    }

    /** Gives calls that should not be there the time to come. */
    private void waitForMore() {
      try {
        wait(100);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Answers nothing, and tells when it has been called so many times. */
  private static final class Silent extends TestServer.Greeter {
    private final CountDownLatch called;

    private Silent(int calls) {
      called = new CountDownLatch(calls);
    }

    @Override
    public void greet(GreetingRequest request, StreamObserver<GreetingResponse> answers) {
      called.countDown();
    }
  }

  private static final class ClosedPipe extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      throw new IOException("Broken pipe");
    }
  }

  private static final class PickyWriter extends PrintWriter {
    private PickyWriter() {
      super(Writer.nullWriter());
    }

    @Override
    public void println(String line) {
      if (line.equals("Bob")) {
        throw new IllegalStateException("not Bob");
      }
    }
  }
}
