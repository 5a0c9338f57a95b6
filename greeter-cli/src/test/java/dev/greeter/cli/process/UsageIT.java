package dev.greeter.cli.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.process.Program.Result;
import java.io.File;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wrong usage and wrong settings: exit code 2, two lines, and nothing is sent. */
class UsageIT {

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
        "greet Ada Bob; greet takes one name.",
        "greet Ada --name Bob; greet takes one name.",
        "greet Ada --server localhost; --server is 'localhost'.",
        "chat Ada --timeout soon; --timeout is 'soon'.",
        "greet; There is nobody to greet.",
      })
  void refusesAWrongCommandLine(String line, String reason) throws Exception {
    Result result = Program.greeter(Map.of(), line.split(" "));

    assertThat(result.err()).contains(reason).hasLineCount(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.exitCode()).isEqualTo(2);
  }

  @Test
  void suggestsTheNearestCommand() throws Exception {
    assertThat(Program.greeter(Map.of(), "geet").err()).contains("Did you mean greet?");
  }

  @ParameterizedTest
  @CsvSource({
    "GREETER_AUTH_VALUE, '', greeter.auth.value",
    "GREETER_AUTH_VALUE, 'märker', greeter.auth.value",
    "GREETER_AUTH_HEADER, 'grpc-märker', greeter.auth.header",
    "GREETER_SERVER, 'localhost', greeter.server",
    "GREETER_TIMEOUT, 'soon', greeter.timeout",
  })
  void refusesAWrongVariableWhateverTheCommand(String variable, String value, String property)
      throws Exception {
    Result result = Program.greeter(Map.of(variable, value), "help");

    assertThat(result.err()).contains(variable, property).hasLineCount(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.exitCode()).isEqualTo(2);
  }

  @Test
  void neverShowsARefusedSecret() throws Exception {
    Result result = Program.greeter(Map.of("GREETER_AUTH_VALUE", "marker\u00e4secret"), "help");

    assertThat(result.err()).isNotEmpty().doesNotContain("marker", "secret\u00e4", "ä");
  }

  @Test
  void refusesAnArgumentThatTheLocaleCannotCarry() throws Exception {
    Result result = Program.greeter(Map.of("LC_ALL", "C"), "greet", "Zo\u00eb");

    assertThat(result.err()).contains("locale", "LC_ALL=C.UTF-8").hasLineCount(2);
    assertThat(result.exitCode()).isEqualTo(2);
  }

  @Test
  void refusesInputThatIsNotUtf8() throws Exception {
    var builder = Program.builder(Map.of(), Program.javaCommand("greeter.cli.jar"));

    Result result = Program.run(builder, "greet Zo\u00eb\n".getBytes(ISO_8859_1));

    assertThat(result.err()).contains("not UTF-8").hasLineCount(2);
    assertThat(result.exitCode()).isEqualTo(2);
  }

  @Test
  void helpsOnStandardOutput() throws Exception {
    Result result = Program.greeter(Map.of(), "greet", "--help");

    assertThat(result.out()).contains("greet [NAME]", "--server", "--timeout");
    assertThat(result.err()).isEmpty();
    assertThat(result.exitCode()).isZero();
  }

  @Test
  void listsTheCommands() throws Exception {
    Result result = Program.greeter(Map.of(), "--help");

    assertThat(result.out()).contains("greet", "chat", "help", "version");
    assertThat(result.exitCode()).isZero();
  }

  @Test
  void failsIfTheResultCannotBeWritten() throws Exception {
    ProcessBuilder builder =
        Program.builder(Map.of(), Program.javaCommand("greeter.cli.jar", "help"))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .redirectOutput(new File("/dev/full"));

    assertThat(builder.start().waitFor()).isEqualTo(1);
  }
}
