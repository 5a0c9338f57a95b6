package dev.greeter.cli.greeting;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.util.JsonFormat;
import dev.greeter.api.GreetingResponse;
import dev.greeter.cli.TestClient;
import dev.greeter.cli.TestClient.Result;
import dev.greeter.cli.TestServer;
import io.grpc.Metadata;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

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
    JsonFormat.parser().merge(result.out(), message);
    assertThat(message.getGreeting()).isEqualTo("Hello " + UNSAFE + "!");
    assertThat(JsonParser.parseString(result.out()))
        .isEqualTo(JsonParser.parseString(JsonFormat.printer().print(message)));
  }

  @Test
  void keepsJsonOnOneLineThatIsSafeToPrint() {
    Result result = greet("greet", UNSAFE, "--output", "json");

    assertThat(result.out())
        .isEqualTo(
            "{\"greeting\":\"Hello \\u001B[2J \\u202eadA \\u2028 \\\"q\\\" \\\\u0041 Zo\u00eb!\"}\n");
  }

  @Test
  void printsAnObjectForEveryNameAndEveryFailure() {
    Result result = greet("greet", "Ada", "NOT_FOUND", "Bob", "--output", "json");

    assertThat(result.out().lines().map(JsonParser::parseString))
        .containsExactly(greeting("Hello Ada!"), greeting("Hello Bob!"));
    JsonObject failure = JsonParser.parseString(result.err()).getAsJsonObject();
    assertThat(result.err()).hasLineCount(1);
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

  @Test
  void tellsAWrongUsageAsJson() {
    Result result = greet("greet", "Ada", "--output", "json", "--timeout", "soon");

    JsonObject failure = JsonParser.parseString(result.err()).getAsJsonObject();
    assertThat(failure.get("code").getAsString()).isEqualTo("USAGE");
    assertThat(failure.get("message").getAsString()).contains("--timeout is 'soon'");
    assertThat(result.exitCode()).isEqualTo(2);
  }

  private static JsonElement greeting(String text) {
    var object = new JsonObject();
    object.addProperty("greeting", text);
    return object;
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private static Result greet(String... arguments) {
    return TestClient.of(server.address()).run(arguments);
  }
}
