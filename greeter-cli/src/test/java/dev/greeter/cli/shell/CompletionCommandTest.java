package dev.greeter.cli.shell;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.TestClient;
import dev.greeter.cli.TestClient.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What other programs make of the table of commands and options: shells, and man. */
class CompletionCommandTest {

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "'greeter ', greet",
    "'greeter st', status",
    "'greeter greet --conc', --concurrency",
    "'greeter --tls greet Ada --time', --timeout",
    "'greeter status --wat', --watch",
    "'greeter --sec', --secret-file",
  })
  void completesInBash(String line, String candidate) throws Exception {
    Path script = Files.writeString(directory.resolve("completion"), completion("bash"));
    String words =
        """
        source '%s'
        line='%s'
        read -ra COMP_WORDS <<<"$line"
        [[ $line != *' ' ]] || COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _greeter
        printf '%%s\\n' "${COMPREPLY[@]}"
        """
            .formatted(script, line);
    var bash = new ProcessBuilder("bash", "-euc", words).redirectErrorStream(true).start();

    assertThat(new String(bash.getInputStream().readAllBytes(), UTF_8).lines()).contains(candidate);
    assertThat(bash.waitFor()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh", "fish"})
  void knowsEveryCommandAndOption(String shell) {
    assertThat(completion(shell))
        .contains("greet", "status", "completion", "secret-file", "keep-going", "output");
  }

  @Test
  void describesInFish() {
    assertThat(completion("fish").lines())
        .contains(
            "complete -c greeter -n '__fish_use_subcommand' -f -a greet -d 'Greet one person, or many'",
            "complete -c greeter -n '__fish_seen_subcommand_from greet' -l name -s n -r -d 'whom to greet'")
        .allMatch(line -> line.startsWith("complete -c greeter -n '") && line.endsWith("'"));
  }

  @Test
  void refusesAnotherShell() {
    Result result = TestClient.alone().run("completion", "csh");

    assertThat(result.err()).contains("bash, zsh or fish").hasLineCount(2);
    assertThat(result.exitCode()).isEqualTo(2);
  }

  @Test
  void isAManPageThatLosesNoCharacter() {
    String page = TestClient.alone().run("manual").out();

    assertThat(page)
        .startsWith(".TH GREETER 1 ")
        .contains(".SS greet\n", "\\-\\-keep\\-going", "\\-\\-cacert FILE", "64 + n");
    assertThat(page.lines().filter(line -> line.startsWith(".")))
        .allMatch(line -> line.matches("\\.(TH|SH|SS|nf|fi)( .*)?"));
  }

  private static String completion(String shell) {
    Result result = TestClient.alone().run("completion", shell);
    assertThat(result.exitCode()).isZero();
    return result.out();
  }
}
