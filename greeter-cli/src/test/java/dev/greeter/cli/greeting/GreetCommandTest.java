package dev.greeter.cli.greeting;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.RetryInfo;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import dev.greeter.cli.TestClient;
import dev.greeter.cli.TestClient.Result;
import dev.greeter.cli.TestServer;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code greet}: its headers, and its results and failures as JSON. */
class GreetCommandTest {

  private static final String UNSAFE = "\033[2J \u202eadA \u2028 \"q\" \\u0041 Zo\u00eb";

  private static TestServer server;

  @BeforeAll
  static void startServer() throws Exception {
    server = TestServer.of(new TestServer.Greeter());
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Test
  void sendsTheHeadersThatTheUserAddsBesideTheSecret() {
    greet("greet", "Ada", "--metadata", "x-trial:1", "--metadata=x-trial: b:c");

    Metadata headers = server.headers().get(server.headers().size() - 1);
    assertThat(headers.getAll(key("x-trial"))).containsExactly("1", "b:c");
    assertThat(headers.getAll(key("authorization"))).containsExactly("marker-secret");
  }

  @Test
  void printsTheJsonFormOfTheMessage() throws Exception {
    Result result = greet("greet", UNSAFE, "--output", "json");

    var message = GreetingResponse.newBuilder();
    JsonObject printed = JsonParser.parseString(result.out()).getAsJsonObject();
    assertThat(printed.remove("name").getAsString()).isEqualTo(UNSAFE);
    JsonFormat.parser().merge(printed.toString(), message);
    assertThat(message.getGreeting()).isEqualTo("Hello " + UNSAFE + "!");
    assertThat((JsonElement) printed)
        .isEqualTo(JsonParser.parseString(JsonFormat.printer().print(message)));
  }

  @Test
  void keepsJsonOnOneLineThatIsSafeToPrint() {
    Result result = greet("greet", UNSAFE, "--output", "json");

    assertThat(result.out())
        .isEqualTo(
            "{\"name\":\"\\u001B[2J \\u202eadA \\u2028 \\\"q\\\" \\\\u0041 Zo\u00eb\","
                + "\"greeting\":\"Hello \\u001B[2J \\u202eadA \\u2028 \\\"q\\\" \\\\u0041 Zo\u00eb!\"}\n");
  }

  @Test
  void printsAnObjectForEveryNameAndEveryFailure() {
    Result result = greet("greet", "Ada", "NOT_FOUND", "Bob", "--output", "json");

    assertThat(result.out().lines().map(JsonParser::parseString))
        .containsExactly(greeting("Ada"), greeting("Bob"));
    List<String> told = result.err().lines().toList();
    assertThat(told).hasSize(2).last().isEqualTo("{\"greeted\":2,\"failed\":1,\"notAsked\":0}");
    JsonObject failure = JsonParser.parseString(told.get(0)).getAsJsonObject();
    assertThat(failure.keySet()).containsExactly("code", "message", "name");
    assertThat(failure.get("code").getAsString()).isEqualTo("NOT_FOUND");
    assertThat(failure.get("name").getAsString()).isEqualTo("NOT_FOUND");
    assertThat(result.exitCode()).isEqualTo(64 + 5);
  }

  @Test
  void tellsAFailedCallAsJson() {
    Result result = greet("greet", "UNAUTHENTICATED", "--output=json");

    JsonObject failure = JsonParser.parseString(result.err()).getAsJsonObject();
    assertThat(failure.keySet()).containsExactly("code", "message");
    assertThat(failure.get("code").getAsString()).isEqualTo("UNAUTHENTICATED");
    assertThat(failure.get("message").getAsString()).contains("GREETER_AUTH_VALUE");
    assertThat(result.out()).isEmpty();
    assertThat(result.exitCode()).isEqualTo(80);
  }

  @ParameterizedTest
  @ValueSource(strings = {"greet Ada -", "greet - Ada", "greet - -"})
  void refusesADashAmongNames(String line) {
    Result result = greet(line.split(" "));

    assertThat(result.err()).contains("standard input", "--name=-").hasLineCount(2);
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(greet("greet", "--name=-").out()).isEqualTo("Hello -!\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--concurrency=0", "--concurrency=65", "--fail-fast --keep-going"})
  void refusesOptionsThatMakeNoSense(String options) {
    Result result = greet(("greet Ada Bob " + options).split(" "));

    assertThat(result.err()).contains(options.split("[= ]")[0]).hasLineCount(2);
    assertThat(result.exitCode()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nope --output json", "greet Ada --nope --output=json"})
  void tellsAWrongCommandLineAsJson(String line) {
    JsonObject failure = JsonParser.parseString(greet(line.split(" ")).err()).getAsJsonObject();

    assertThat(failure.get("code").getAsString()).isEqualTo("USAGE");
  }

  @Test
  void tellsTheDetailsOfAStatusAsProtobufDoes() throws Exception {
    try (TestServer busy = TestServer.of(new Limited(Durations.fromSeconds(3)))) {
      Result result = TestClient.of(busy.address()).run("greet", "Ada", "--output", "json");

      assertThat(TestClient.of(busy.address()).run("greet", "Ada", "-v").err())
          .contains(
              "< RESOURCE_EXHAUSTED after ", "/google.rpc.RetryInfo\",\"retryDelay\":\"3s\"}\n");
      assertThat(result.err())
          .contains(
              "\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\","
                  + "\"retryDelay\":\"3s\"}]");
    }
  }

  @ParameterizedTest
  @CsvSource({"999999999999999, 0", "5, -7"})
  @Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
  void goesOnBehindADetailThatProtobufCannotShow(long seconds, int nanos) throws Exception {
    var delay = Duration.newBuilder().setSeconds(seconds).setNanos(nanos).build();
    try (TestServer busy = TestServer.of(new Limited(delay))) {
      TestClient client = TestClient.of(busy.address(), "greeter.service-config={}");

      Result many = client.run("greet", "Ada", "Bob", "Cy");
      assertThat(many.err().lines().filter(line -> line.startsWith("'")))
          .satisfiesExactly(
              line -> assertThat(line).startsWith("'Ada': The call to "),
              line -> assertThat(line).startsWith("'Bob': The call to "),
              line -> assertThat(line).startsWith("'Cy': The call to "));
      assertThat(many.err()).endsWith("0 greeted, 3 failed.\n");
      assertThat(many.exitCode()).isEqualTo(64 + 8);

      Result piped =
          TestClient.of(busy.address())
              .reading("greet Ada -v\ngreet Bob --output json\n")
              .run("--keep-going");
      assertThat(piped.err())
          .contains(
              "< detail: {\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\"}\n",
              "\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\"}]");
      assertThat(piped.exitCode()).isEqualTo(64 + 8);
    }
  }

  @Test
  void tellsACallInDetailButNotTheSecret() {
    Result result = greet("greet", "Ada", "-v", "--metadata", "x-trial:1");

    assertThat(result.out()).isEqualTo("Hello Ada!\n");
    assertThat(result.err())
        .startsWith("> tutorial.Greeter/Greet at " + server.address() + "\n")
        .contains(
            "> authorization: <hidden>\n", "> x-trial: 1\n", "< headers after ", "< OK after ")
        .doesNotContain("marker");
  }

  @Test
  void tellsAWrongUsageAsJson() {
    Result result = greet("greet", "Ada", "--output", "json", "--timeout", "soon");

    JsonObject failure = JsonParser.parseString(result.err()).getAsJsonObject();
    assertThat(failure.get("code").getAsString()).isEqualTo("USAGE");
    assertThat(failure.get("message").getAsString()).contains("--timeout is 'soon'");
    assertThat(result.exitCode()).isEqualTo(2);
  }

  private static JsonElement greeting(String name) {
    var object = new JsonObject();
    object.addProperty("name", name);
    object.addProperty("greeting", "Hello " + name + "!");
    return object;
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private static Result greet(String... arguments) {
    return TestClient.of(server.address()).run(arguments);
  }

  /** Puts every call off. */
  private static final class Limited extends TestServer.Greeter {
    private final Duration delay;

    private Limited(Duration delay) {
      this.delay = delay;
    }

    @Override
    public void greet(GreetingRequest request, StreamObserver<GreetingResponse> answers) {
      var status =
          com.google.rpc.Status.newBuilder()
              .setCode(Status.Code.RESOURCE_EXHAUSTED.value())
              .addDetails(Any.pack(RetryInfo.newBuilder().setRetryDelay(delay).build()));
      answers.onError(StatusProto.toStatusException(status.build()));
    }
  }
}
