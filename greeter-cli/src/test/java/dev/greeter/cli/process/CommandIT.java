package dev.greeter.cli.process;

import static dev.greeter.cli.process.Program.greeter;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.process.Program.Result;
import dev.greeter.guard.fixture.FreePort;
import java.io.BufferedReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands in scripts: arguments, pipes, signals and exit codes. */
class CommandIT {

  @Test
  void printsGreetingsOnlyToStandardOutput() throws Exception {
    assertThat(greeter(RunningService.client(), "greet", "Zoë \"the first\" O'Brien\\", "👋🏽"))
        .isEqualTo(new Result(0, "Hello Zoë \"the first\" O'Brien\\!\nHello 👋🏽!\n", ""));
  }

  @Test
  void prefersOptionsOverVariables() throws Exception {
    String server = Objects.requireNonNull(RunningService.client().get("GREETER_SERVER"));

    assertThat(greeter(with("GREETER_SERVER", "127.0.0.1:1"), "--server", server, "greet", "Ada"))
        .isEqualTo(new Result(0, "Hello Ada!\n", ""));
  }

  @Test
  void exitsOnFirstFailureOfPipedCommands() throws Exception {
    Result result = bash("printf '%s\\n' 'greet Ada' \"greet ''\" 'greet Bob' | $greeter");

    assertThat(result.out()).isEqualTo("Hello Ada!\n");
    assertFailure(result, 67, "line 2: The service at ", "Fix the name");
  }

  @Test
  void exitsWithCodeOfPipedExitCommand() throws Exception {
    assertThat(bash("printf '%s\\n' 'greet Ada' 'exit 3' 'greet Bob' | $greeter"))
        .isEqualTo(new Result(3, "Hello Ada!\n", ""));
  }

  @Test
  void printsOnlyJsonErrorsDespiteDebugVariables() throws Exception {
    Result result =
        bash("DEBUG=1 TRACE=1 GREETER_AUTH_VALUE=wrong $greeter greet Ada --output json");

    assertThat(result.err()).startsWith("{\"code\":\"UNAUTHENTICATED\",\"message\":\"");
    assertFailure(result, 80, "Check GREETER_AUTH_VALUE.");
  }

  @Test
  void failsWithoutService() throws Exception {
    String nobody = "127.0.0.1:" + FreePort.find();

    Result result = greeter(Map.of(), "greet", "Ada", "--server", nobody);

    assertFailure(result, 78, "Cannot connect to " + nobody + ": connection refused.");
  }

  @Test
  void readsSecretFromPipeOrStandardInput() throws Exception {
    assertThat(
            bash(
                """
                export GREETER_AUTH_VALUE=wrong
                $greeter greet Ada --secret-file <(echo marker-secret)
                echo marker-secret | $greeter greet Ada --secret-file -
                """))
        .isEqualTo(new Result(0, "Hello Ada!\nHello Ada!\n", ""));
  }

  @Test
  void printsCountsOnCtrlC(@TempDir Path directory) throws Exception {
    Path err = directory.resolve("err");
    Process process =
        Program.builder(RunningService.client(), Program.clientCommand("greet", "-"))
            .redirectError(err.toFile())
            .start();
    try (var names = new PrintStream(process.getOutputStream(), true, UTF_8);
        BufferedReader greetings = process.inputReader()) {
      names.println("Ada\nBob");
      assertThat(greetings.readLine()).isEqualTo("Hello Ada!");
      assertThat(greetings.readLine()).isEqualTo("Hello Bob!");

      new ProcessBuilder("kill", "-INT", "" + process.pid()).start().waitFor();

      assertThat(Program.exitCode(process)).as("128 and SIGINT").isEqualTo(130);
    }
    assertThat(err).content().startsWith("2 greeted, 0 failed, the rest skipped.").hasLineCount(1);
  }

  @Test
  void exitsQuietlyOnBrokenPipe() throws Exception {
    assertThat(bash("seq 100000 | $greeter greet - | head -n 1; echo ${PIPESTATUS[1]}"))
        .isEqualTo(new Result(0, "Hello 1!\n1\n", ""));
  }

  /** Runs without a cache, since each set of JVM options would need its own. */
  @Test
  void greetsTenThousandNamesInSmallHeap() throws Exception {
    Result result =
        bash("export XDG_CACHE_HOME=/dev/null _JAVA_OPTIONS=-Xmx24m; seq 10000 | $greeter greet -");

    assertThat(result.out().lines())
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, 10_000).mapToObj("Hello %d!"::formatted).toList());
    assertFailure(result, 0, "Picked up _JAVA_OPTIONS");
  }

  @Test
  void failsOnUnwritableOutput() throws Exception {
    assertFailure(bash("$greeter help >/dev/full"), 1, "Cannot write the output: No space left");
  }

  @Test
  void treatsClosedInputAsEmpty() throws Exception {
    assertThat(bash("$greeter greet - <&-")).isEqualTo(new Result(0, "", ""));
  }

  @Test
  void rejectsDirectoryAsInput() throws Exception {
    assertFailure(bash("$greeter <."), 2, "Cannot read standard input: Is a directory.");
  }

  @Test
  void rejectsArgumentNotEncodableInLocale() throws Exception {
    assertFailure(greeter(Map.of("LC_ALL", "C"), "greet", "Zoë"), 2, "LC_ALL=C.UTF-8");
  }

  @Test
  void printsVersionAndCommit() throws Exception {
    assertThat(greeter(Map.of(), "-V").out())
        .matches("Version: \\d+\\.\\d+\\.\\d+.*\nCommit: .*\n");
  }

  private static Result bash(String script) throws Exception {
    Map<String, String> environment = with("greeter", Program.LAUNCHER.toString());
    return Program.run(Program.builder(environment, List.of("bash", "-c", script)), "");
  }

  private static Map<String, String> with(String variable, String value) {
    Map<String, String> all = new HashMap<>(RunningService.client());
    all.put(variable, value);
    return all;
  }

  private static void assertFailure(Result result, int exitCode, String... said) {
    assertThat(result.err()).contains(said).hasLineCount(1);
    assertThat(result.exitCode()).isEqualTo(exitCode);
  }
}
