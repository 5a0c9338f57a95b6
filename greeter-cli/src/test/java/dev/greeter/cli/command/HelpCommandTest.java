package dev.greeter.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.TestClient;
import dev.greeter.cli.TestClient.Result;
import dev.greeter.cli.option.CommandLine;
import dev.greeter.cli.option.LineSplitter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Help and completion of the commands and options. */
class HelpCommandTest {

  private static final List<String> COMMANDS =
      List.of("chat", "completion", "exit", "greet", "help", "status", "version");

  @TempDir private static Path directory;

  @BeforeAll
  static void writeScript() throws Exception {
    Files.writeString(directory.resolve("completion"), completion("bash"));
    Files.createFile(directory.resolve("ca.pem"));
  }

  @Test
  void printsUsageForHelpCommandAndOption() {
    for (String form : List.of("help %s\n", "%s --help\n", "%s -h x\n")) {
      Result result = TestClient.alone().reading(lines(form)).run();

      assertThat(result.out().lines().filter(line -> line.startsWith("Usage: greeter ")))
          .extracting(line -> line.split(" ")[2])
          .containsExactlyElementsOf(COMMANDS);
      assertThat(result.out()).contains("--keep-going", "--concurrency N", "--watch");
      assertThat(result.err()).isEmpty();
    }
  }

  @Test
  void showsExamplesValidInShellAndBash() throws Exception {
    List<String> examples =
        TestClient.alone()
            .reading(lines("help %s\n"))
            .run()
            .out()
            .lines()
            .filter(line -> line.startsWith("  ") && !line.strip().startsWith("-"))
            .map(line -> line.strip().split(" {2,}")[0])
            .toList();

    assertThat(bash("-nc", String.join("\n", examples))).isEmpty();
    Stream<String> commands = examples.stream().filter(line -> !line.contains("completion"));
    assertThat(commands.map(line -> CommandLine.parse(LineSplitter.split(line))))
        .hasSizeGreaterThan(7)
        .allSatisfy(
            line -> {
              assertThat(line.problem()).isNull();
              assertThat(line.command()).isIn(COMMANDS);
            });
  }

  @ParameterizedTest
  @CsvSource({
    "'', chat completion exit greet help status version",
    "'st', status",
    "'greet --conc', --concurrency",
    "'greet ', --keep-going --concurrency",
    "'--tls greet Ada --time', --timeout",
    "'status --wat', --watch",
    "'--sec', --secret-file",
    "'status --output ', text json",
    "'--output j', json",
    "'completion ', bash zsh fish",
    "'help st', status",
    "'greet --cacert ', ca.pem completion",
    "'--secret-file c', ca.pem completion",
    "'greet --server ', ''",
    "'greet --timeout 5', ''",
  })
  void completesInBash(String line, String candidates) throws Exception {
    String words =
        """
        compopt() { :; }
        source ./completion
        line='greeter %s'
        read -ra COMP_WORDS <<<"$line"
        [[ $line != *' ' ]] || COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _greeter
        printf '%%s\\n' "${COMPREPLY[@]}"
        """
            .formatted(line);

    assertThat(bash("-c", words).strip().split("\n"))
        .containsExactlyInAnyOrder(candidates.split(" "));
  }

  @Test
  void initializesZshCompletionIfNeeded() {
    assertThat(completion("zsh"))
        .startsWith("(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }\n")
        .endsWith(completion("bash"));
  }

  @Test
  void describesCommandsOptionsAndValuesInFish() {
    assertThat(completion("fish").lines())
        .contains(
            "complete -c greeter -n '__fish_use_subcommand' -a greet -d 'Greet one or more people'",
            "complete -c greeter -n 'true' -l cacert -r -F -d"
                + " 'the CAs that sign the service\\'s certificate'",
            "complete -c greeter -n 'true' -l verbose -s v -d"
                + " 'show headers, trailers and times, never the secret'",
            "complete -c greeter -n '__fish_seen_subcommand_from greet' -l concurrency -x -d"
                + " 'concurrent calls, 1 to 64; default 64'",
            "complete -c greeter -n '__fish_seen_subcommand_from completion' -a \"bash zsh fish\""
                + " -d ''")
        .anyMatch(line -> line.contains("-l output -x -a \"text json\""))
        .allMatch(line -> line.startsWith("complete -c greeter "));
  }

  private static String completion(String shell) {
    return TestClient.alone().run("completion", shell).out();
  }

  private static String bash(String option, String script) throws Exception {
    var bash = new ProcessBuilder("bash", option, script).directory(directory.toFile());
    Process process = bash.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).isZero();
    return output;
  }

  private static String lines(String form) {
    return String.join("", COMMANDS.stream().map(form::formatted).toList());
  }
}
