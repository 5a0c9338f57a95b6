package dev.greeter.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.process.Program.Result;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both programs log everything, in successful and failed runs: it never contains a secret. */
class SecretNeverPrintedIT {

  private static final String MARKER = "marker";
  private static final Map<String, String> TRACE = Map.of("LOGGING_LEVEL_ROOT", "trace");

  @AutoClose private static RunningService service;

  @BeforeAll
  static void startService() throws Exception {
    service = new RunningService(TRACE);
  }

  @ParameterizedTest
  @ValueSource(strings = {RunningService.SECRET, "marker-wrong"})
  void hidesSecretInSuccessfulAndFailedCommands(String secret) throws Exception {
    String commands =
        """
        greet Ada -v
        greet '' -v --output json
        chat Ada '' -v
        status --output json
        help greet
        greet Ada --metadata authorization:marker-typed
        greet Ada --metadata marker-typed
        greet Ada --server 192.0.2.1:50051
        greet Ada --server 127.0.0.1:1
        """;

    Result result = greeter(secret, commands, "--keep-going");

    assertThat(result.err().lines()).hasSizeGreaterThan(100).anyMatch(l -> l.contains("<hidden>"));
    assertThat(result.out() + result.err()).doesNotContain(MARKER);
    assertThat(service.log().lines())
        .hasSizeGreaterThan(100)
        .noneMatch(line -> line.contains(MARKER));
  }

  @ParameterizedTest
  @ValueSource(strings = {"marker-\u00e4", "marker\u0007"})
  void hidesRejectedSecret(String secret) throws Exception {
    Result result = greeter(secret, "", "help");

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("GREETER_AUTH_VALUE").doesNotContain(MARKER);
    assertThat(result.out()).isEmpty();
  }

  private static Result greeter(String secret, String input, String... arguments) throws Exception {
    Map<String, String> environment = new HashMap<>(service.variables());
    environment.putAll(TRACE);
    environment.put("GREETER_AUTH_VALUE", secret);
    return Program.run(Program.builder(environment, Program.clientCommand(arguments)), input);
  }
}
