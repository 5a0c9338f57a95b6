package dev.greeter.cli.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.greeter.cli.TestClient;
import dev.greeter.cli.TestClient.Result;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.shell.core.command.CommandRegistry;

/** What the program says of itself. */
class HelpCommandTest {

  @Test
  void listsTheCommandsInGroupsAndInOrderOnOneScreen() {
    Result result = client("help");

    assertThat(result.out().lines().filter(line -> !line.isEmpty()).map(HelpCommandTest::firstWord))
        .containsExactly(
            "Greetings",
            "chat",
            "greet",
            "status",
            "Shell",
            "completion",
            "help",
            "manual",
            "quit",
            "script",
            "set",
            "version",
            "Options",
            "--tls",
            "--cacert",
            "--cert",
            "--key",
            "--authority",
            "--secret-file",
            "help");
    assertThat(result.out().lines()).hasSizeLessThan(24).allMatch(line -> line.length() <= 80);
    assertThat(result.exitCode()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"greet", "chat", "status", "help", "script", "set", "version", "quit"})
  void tellsOfACommandTheSameInBothWays(String command) {
    Result result = client("help", command);

    assertThat(result.out()).startsWith(command).hasSizeGreaterThan(command.length() + 10);
    assertThat(result.out().lines()).hasSizeLessThan(24).allMatch(line -> line.length() <= 100);
    assertThat(client(command, "--help")).isEqualTo(result);
  }

  @ParameterizedTest
  @ValueSource(strings = {"greet", "chat", "status", "help", "script", "set"})
  void givesExamplesThatCanBeTyped(String command) {
    TestClient client = TestClient.alone();
    CommandRegistry commands = client.start("help", command).getBean(CommandRegistry.class);
    List<String> examples = examples(client.out());

    assertThat(examples).hasSizeGreaterThanOrEqualTo(2).allMatch(line -> line.startsWith(command));
    assertThatCode(() -> examples.forEach(new WordsParser(commands)::parse))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"greet", "chat", "status"})
  void tellsOfEveryOptionOfACall(String command) {
    assertThat(client("help", command).out())
        .contains("--server", "--timeout", "--wait", "--metadata", "--output");
  }

  @Test
  void suggestsTheNearestCommandForOneThatIsNotThere() {
    Result result = client("help", "scrpt");

    assertThat(result.err())
        .isEqualTo("There is no command 'scrpt'.\nDid you mean script? Type help to see all.\n");
    assertThat(result.exitCode()).isEqualTo(2);
  }

  @Test
  void tellsTheCommit() throws Exception {
    Properties commit = properties("git.properties");
    Assumptions.assumeFalse(commit.isEmpty(), "built outside of a repository");

    assertThat(client("version").out())
        .contains("Commit: " + commit.getProperty("git.commit.id.abbrev") + "\n");
  }

  private static String firstWord(String line) {
    return line.strip().split(" ")[0];
  }

  /** The lines below "Examples:", less what is said of them behind two blanks and more. */
  private static List<String> examples(String help) {
    return Stream.of(help.split("Examples:\n")[1].split("\n"))
        .map(line -> line.strip().split(" {2,}")[0])
        .toList();
  }

  private static Properties properties(String file) throws IOException {
    var properties = new Properties();
    try (InputStream content = HelpCommandTest.class.getClassLoader().getResourceAsStream(file)) {
      if (content != null) {
        properties.load(content);
      }
    }
    return properties;
  }

  private static Result client(String... arguments) {
    return TestClient.alone().run(arguments);
  }
}
