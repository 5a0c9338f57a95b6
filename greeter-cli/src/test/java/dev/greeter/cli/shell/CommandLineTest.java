package dev.greeter.cli.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.TestClient;
import dev.greeter.cli.TestClient.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Command lines that are refused: exit code 2, two lines, and nothing is sent. */
class CommandLineTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "gret Ada; There is no command 'gret'.",
        "gre; There is no command 'gre'.",
        "greet --nmae Ada; greet has no option --nmae.",
        "greet Ada --name; The option --name has no value.",
        "greet --name --timeout; The option --name has no value.",
        "greet --name Ada -n Bob; The option --name is given twice.",
        "greet Ada --output text --output=text; The option --output is given twice.",
        "greet Ada --name Bob; greet has names with --name and without.",
        "greet - --name Bob; greet has names with --name and without.",
        "greet Ada --server localhost; --server is 'localhost'.",
        "chat Ada --timeout soon; --timeout is 'soon'.",
        "greet Ada --output xml; --output is 'xml'.",
        "chat Ada --output=JSON; --output is 'JSON'.",
        "status --output=; --output is ''.",
        "greet Ada --metadata x; --metadata ':...' is blank.",
        "script x --keep-going=true; The option --keep-going takes no value.",
        "script x --keep-going --keep-going; The option --keep-going is given twice.",
        "--keep-going greet Ada; There is no command '--keep-going'.",
        "greet; There is nobody to greet.",
      })
  void isRefusedWithAReasonAndTheNextStep(String line, String reason) {
    Result result = TestClient.alone().run(line.split(" "));

    assertThat(result.err()).contains(reason).hasLineCount(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.exitCode()).isEqualTo(2);
  }

  @Test
  void isRefusedWithTheNearestCommand() {
    assertThat(TestClient.alone().run("geet").err()).contains("Did you mean greet?");
  }

  @ParameterizedTest
  @ValueSource(strings = {"authorization:marker", "AUTHORIZATION: marker"})
  void isRefusedIfAHeaderIsThatOfTheSecretWhoseValueIsNotShown(String header) {
    Result result = TestClient.alone().run("greet", "Ada", "--metadata", header);

    assertThat(result.err()).contains("the header of the secret").doesNotContain("marker");
    assertThat(result.exitCode()).isEqualTo(2);
  }
}
