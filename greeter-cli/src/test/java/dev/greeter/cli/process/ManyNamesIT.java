package dev.greeter.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code greet} with tens of thousands of names: in little memory, and with a look at how far. */
class ManyNamesIT {

  private static RunningService service;

  @TempDir private Path directory;

  @BeforeAll
  static void startService() throws Exception {
    service = RunningService.start(Map.of());
  }

  @AfterAll
  static void stopService() throws Exception {
    service.close();
  }

  @Test
  void takesLittleMemoryAndShowsACountIfTheEndIsNotKnown() throws Exception {
    Path names = names(40_000);

    String screen = onTerminal("cat " + names + " | " + client("-Xmx24m") + " greet -");

    assertThat(screen).containsPattern("\r[1-3][0-9],[0-9]{3} done\r[1-3][0-9],[0-9]{3} done\r");
    assertThat(results()).isEqualTo(greetings(40_000));
  }

  @Test
  void showsABarIfTheEndIsKnown() throws Exception {
    String screen = onTerminal(client("-Xmx256m") + " greet $(seq 20000)");

    assertThat(screen)
        .containsPattern(
            "\r\\[#{15,29}\\.{1,15}] 1[0-4],[0-9]{3} of 20,000"
                + "\r\\[#{15,29}\\.{1,15}] 1[0-4],[0-9]{3} of 20,000");
    assertThat(screen).as("cleared in the end").endsWith(" \r");
    assertThat(results()).isEqualTo(greetings(20_000));
  }

  @Test
  void stopsWhenTheReaderOfTheAnswersIsGone() throws Exception {
    Path err = directory.resolve("err");
    Process process =
        Program.builder(
                Map.of("GREETER_SERVER", service.address()), Program.clientCommand("greet", "-"))
            .redirectInput(names(1_000_000).toFile())
            .redirectError(err.toFile())
            .start();
    try (BufferedReader head = process.inputReader()) {
      assertThat(head.readLine()).isEqualTo("Hello 1!");
    }

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(err).isEmptyFile();
  }

  /** Runs a command on a terminal but for its standard output, and returns what is shown there. */
  private String onTerminal(String command) throws Exception {
    Map<String, String> environment = Map.of("GREETER_SERVER", service.address());
    String line = command + " >" + directory.resolve("out");
    try (var terminal = PseudoTerminal.run(line, environment)) {
      assertThat(terminal.exitCode()).isZero();
      return terminal.raw();
    }
  }

  private List<String> results() throws IOException {
    return Files.readAllLines(directory.resolve("out"));
  }

  private static String client(String jvmOption) {
    return String.join(" ", Program.clientJar(jvmOption));
  }

  private Path names(int count) throws IOException {
    String names =
        IntStream.rangeClosed(1, count).mapToObj(i -> i + "\n").collect(Collectors.joining());
    return Files.writeString(directory.resolve("names"), names);
  }

  private static List<String> greetings(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(i -> "Hello " + i + "!").toList();
  }
}
