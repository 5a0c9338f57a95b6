package dev.greeter.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.process.Program.Result;
import dev.greeter.guard.fixture.FreePort;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the user sees, and the exit code, when a call fails. */
class FailedCallIT {

  private static RunningService service;

  @BeforeAll
  static void startService() throws Exception {
    service = RunningService.start(Map.of("GREETER_AUTH_VALUE", "marker-right"));
  }

  @AfterAll
  static void stopService() throws Exception {
    service.close();
  }

  @Test
  void tellsAWrongSecretWithoutShowingIt() throws Exception {
    Result result = greeter("GREETER_AUTH_VALUE", "marker-wrong", "greet", "Ada");

    assertFailure(result, 80, "Access denied!", "GREETER_AUTH_VALUE");
    assertThat(result.err()).doesNotContain("marker");
    assertThat(service.log()).doesNotContain("marker");
  }

  @Test
  void tellsAWrongHeader() throws Exception {
    Map<String, String> environment =
        Map.of("GREETER_AUTH_VALUE", "marker-right", "GREETER_AUTH_HEADER", "x-other");

    Result result = Program.greeter(environment, "greet", "Ada", "--server", service.address());

    assertFailure(result, 80, "Access denied!", "GREETER_AUTH_HEADER");
  }

  @Test
  void tellsAWrongSecretInAConversation() throws Exception {
    Result result = greeter("GREETER_AUTH_VALUE", "marker-wrong", "chat", "Ada");

    assertThat(result.err()).contains("Access denied!", "\nWithout an answer: 'Ada'\n");
    assertThat(result.out()).isEmpty();
    assertThat(result.exitCode()).isEqualTo(80);
  }

  @Test
  void tellsThatNoServerIsThere() throws Exception {
    String nobody = "127.0.0.1:" + FreePort.find();

    Result result = Program.greeter(Map.of(), "greet", "Ada", "--server", nobody);

    assertFailure(result, 78, nobody, "Connection refused", "GREETER_SERVER");
  }

  @Test
  void tellsThatTheDeadlineHasPassed() throws Exception {
    try (var silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + silent.getLocalPort();

      Result result =
          Program.greeter(Map.of("GREETER_TIMEOUT", "1s"), "greet", "Ada", "--server", address);

      assertFailure(result, 68, address, "within 1 s", "--timeout");
    }
  }

  /** As Ctrl-C, which needs a terminal, does it. */
  @Test
  void saysNothingWhenItIsEndedDuringACall() throws Exception {
    Path err = Files.createTempFile("greeter", ".err");
    try (var silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + silent.getLocalPort();
      Process process =
          Program.builder(
                  Map.of("GREETER_SERVER", address),
                  Program.clientCommand("greet", "Ada", "Bob", "--keep-going"))
              .redirectError(err.toFile())
              .start();
      silent.accept();

      process.destroy();

      assertThat(process.waitFor()).as("128 and SIGTERM").isEqualTo(143);
      assertThat(err).isEmptyFile();
    } finally {
      Files.delete(err);
    }
  }

  @Test
  void tellsARefusedName() throws Exception {
    assertFailure(greeter("GREETER_AUTH_VALUE", "marker-right", "greet", ""), 67, "name", "empty");
  }

  @Test
  void keepsTheAnswersBeforeARefusedNameOfAConversation() throws Exception {
    Result result = greeter("GREETER_AUTH_VALUE", "marker-right", "chat", "Ada", "", "Bob");

    assertThat(result.exitCode()).isEqualTo(67);
    assertThat(result.out()).isEqualTo("Welcome, Ada!\n");
  }

  @Test
  void endsPipedLinesAtTheFirstFailureWithItsCode() throws Exception {
    Map<String, String> environment =
        Map.of("GREETER_AUTH_VALUE", "marker-right", "GREETER_SERVER", service.address());

    Result result = Program.greeterReading("greet Ada\ngreet ''\ngreet Bob\n", environment);

    assertThat(result.exitCode()).isEqualTo(67);
    assertThat(result.out()).isEqualTo("Hello Ada!\n");
    assertThat(result.err()).contains("empty").hasLineCount(2);
  }

  @Test
  void runsAllPipedLinesIfToldToKeepGoing() throws Exception {
    Map<String, String> environment =
        Map.of("GREETER_AUTH_VALUE", "marker-right", "GREETER_SERVER", service.address());

    Result result =
        Program.greeterReading("greet Ada\ngreet ''\ngreet Bob\n", environment, "--keep-going");

    assertThat(result.exitCode()).isEqualTo(67);
    assertThat(result.out()).isEqualTo("Hello Ada!\nHello Bob!\n");
    assertThat(result.err()).as("without colours").doesNotContain("\u001b").hasLineCount(2);
  }

  @Test
  void looksForTheReasonOfAWrongSecret() throws Exception {
    Result result = greeter("GREETER_AUTH_VALUE", "marker-wrong", "status");

    assertThat(result.out()).contains("health      SERVING\n", "secret      refused\n");
    assertThat(result.err()).contains("Access denied!").hasLineCount(2);
    assertThat(result.exitCode()).isEqualTo(80);
  }

  @Test
  void looksForTheReasonWhyNoTlsConnectionIsMade() throws Exception {
    Result result = greeter("GRPC_CLIENT_GLOBAL_NEGOTIATION_TYPE", "tls", "status");

    assertThat(result.out()).contains("security    TLS\n", "health      unknown\n");
    assertThat(result.err())
        .contains("does not answer TLS", "GRPC_CLIENT_GLOBAL_NEGOTIATION_TYPE=plaintext")
        .hasLineCount(2);
    assertThat(result.exitCode()).isEqualTo(78);
  }

  private static Result greeter(String variable, String value, String... arguments)
      throws Exception {
    return Program.greeter(Map.of(variable, value, "GREETER_SERVER", service.address()), arguments);
  }

  private static void assertFailure(Result result, int exitCode, String... said) {
    assertThat(result.err()).contains(said).hasLineCount(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.exitCode()).isEqualTo(exitCode);
  }
}
