package dev.greeter.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.process.Program.Result;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client against the service: greetings, on standard output alone. */
class GreetIT {

  private static RunningService service;

  @BeforeAll
  static void startService() throws Exception {
    service = RunningService.start(Map.of("GREETER_AUTH_VALUE", "marker-secret"));
  }

  @AfterAll
  static void stopService() throws Exception {
    service.close();
  }

  @Test
  void greetsByOption() throws Exception {
    assertThat(greeter("", "greet", "--name", "Ada")).isEqualTo(success("Hello Ada!\n"));
  }

  @Test
  void greetsByShortOption() throws Exception {
    assertThat(greeter("", "greet", "-n", "Ada")).isEqualTo(success("Hello Ada!\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Ada Lovelace", "Ada \"the first\" O'Brien\\", "Zoë Çelik", "👋🏽"})
  void bringsAnArgumentWhole(String name) throws Exception {
    assertThat(greeter("", "greet", name)).isEqualTo(success("Hello " + name + "!\n"));
  }

  @Test
  void takesANameThatLooksLikeAnOptionAfterTwoDashes() throws Exception {
    assertThat(greeter("", "greet", "--", "--name")).isEqualTo(success("Hello --name!\n"));
  }

  @Test
  void asksForTheNameOnStandardError() throws Exception {
    Result result = greeter("Ada Lovelace\n", "greet");

    assertThat(result).isEqualTo(new Result(0, "Hello Ada Lovelace!\n", "What is your name? "));
  }

  @Test
  void welcomesEveryArgumentInOneConversation() throws Exception {
    assertThat(greeter("", "chat", "Alice", "Zoë 👋"))
        .isEqualTo(success("Welcome, Alice!\nWelcome, Zoë 👋!\n"));
  }

  @Test
  void welcomesEveryLineInOneConversation() throws Exception {
    assertThat(greeter("Alice\nBob B. \"x\"\n", "chat"))
        .isEqualTo(success("Welcome, Alice!\nWelcome, Bob B. \"x\"!\n"));
  }

  @Test
  void runsPipedLines() throws Exception {
    String lines = "greet O'Brien\n\n  greet --name=\"Ada Lovelace\"\nchat 'A B' C\n";

    assertThat(greeter(lines))
        .isEqualTo(success("Hello O'Brien!\nHello Ada Lovelace!\nWelcome, A B!\nWelcome, C!\n"));
  }

  @Test
  void tellsThatGreetingsWork() throws Exception {
    Result result = greeter("", "status");

    assertThat(result.out())
        .contains(
            "server      " + service.address(), "health      SERVING", "secret      accepted");
    assertThat(result.err()).isEmpty();
    assertThat(result.exitCode()).isZero();
  }

  @Test
  void takesTheAddressFromAnOptionBeforeTheVariable() throws Exception {
    Map<String, String> environment =
        Map.of("GREETER_AUTH_VALUE", "marker-secret", "GREETER_SERVER", "localhost:1");

    assertThat(Program.greeter(environment, "greet", "Ada", "--server", service.address()))
        .isEqualTo(success("Hello Ada!\n"));
  }

  private static Result success(String out) {
    return new Result(0, out, "");
  }

  private static Result greeter(String input, String... arguments) throws Exception {
    Map<String, String> environment =
        Map.of(
            "GREETER_AUTH_VALUE", "marker-secret",
            "GREETER_SERVER", service.address(),
            // Other tests take the CPU meanwhile.
            "GREETER_TIMEOUT", "30s");
    return Program.greeterReading(input, environment, arguments);
  }
}
