package dev.greeter.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.process.Program.Result;
import dev.greeter.guard.fixture.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both programs log all that they can, in good and in bad cases: none of it holds a secret. */
class SecretNeverPrintedIT {

  private static final String MARKER = "marker";
  private static final String SECRET = "marker-current";
  private static final String VERBOSE = "LOGGING_LEVEL_ROOT";

  private static RunningService service;

  @TempDir private Path directory;

  @BeforeAll
  static void startService() throws Exception {
    service =
        RunningService.start(
            Map.of(
                "GREETER_AUTH_VALUE",
                SECRET,
                "GREETER_AUTH_PREVIOUS_VALUE",
                "marker-previous",
                VERBOSE,
                "trace"));
  }

  @AfterAll
  static void stopService() throws Exception {
    service.close();
  }

  @Test
  void byCallsThatSucceedOrFail() throws Exception {
    String script = write("script", "greet Ada '' Bob\nchat Ada ''\nstatus --output json\nnope\n");
    for (String secret : List.of(SECRET, "marker-previous", "marker-wrong")) {
      assertSaysNothing(Map.of("GREETER_AUTH_VALUE", secret), "script", script, "--keep-going");
    }
    assertThat(service.log().lines())
        .hasSizeGreaterThan(100)
        .anyMatch(line -> line.contains("The previous secret is still in use"))
        .noneMatch(line -> line.contains(MARKER));
  }

  @Test
  void byWhatIsRefusedBeforeACall() throws Exception {
    Map<String, String> right = Map.of("GREETER_AUTH_VALUE", SECRET);
    assertSaysNothing(right, "greet", "Ada", "--metadata", "authorization:marker-typed");
    assertSaysNothing(right, "greet", "Ada", "-v");
    assertSaysNothing(right, "greet", "Ada", "--server", "192.0.2.1:50051");
    assertSaysNothing(right, "greet", "Ada", "--server", "127.0.0.1:" + FreePort.find());
    assertSaysNothing(Map.of("GREETER_AUTH_VALUE", "marker-\u00e4"), "help");
    assertSaysNothing(Map.of("GREETER_AUTH_VALUE", "${marker}"), "help");
    assertSaysNothing(Map.of("GREETER_AUTH_VALUE_FILE", write("secret", "marker\u0007")), "help");
    assertSaysNothing(Map.of("GREETER_AUTH_VALUE_FILE", "/marker"), "help");
  }

  @Test
  void byAServiceThatRefusesToStart() throws Exception {
    for (Map<String, String> settings :
        List.of(
            Map.of("GREETER_AUTH_VALUE", "marker-\u00e4"),
            Map.of("GREETER_AUTH_PREVIOUS_VALUE", "marker-\u00e4"),
            Map.of("GREETER_AUTH_VALUE_FILE", write("secret", "marker-current\nmarker\u0007")),
            Map.of("GREETER_AUTH_VALUE", SECRET, "GREETER_AUTH_VALUE_FILE", "/marker"))) {
      Map<String, String> environment = new HashMap<>(settings);
      environment.put(VERBOSE, "trace");
      Result result =
          Program.run(Program.builder(environment, Program.serviceCommand()), new byte[0]);

      assertThat(result.exitCode()).isNotZero();
      assertThat((result.out() + result.err()).lines())
          .anyMatch(line -> line.contains("GREETER_AUTH"))
          .noneMatch(line -> line.contains(MARKER));
    }
  }

  @Test
  void byTheListOfProcesses() throws Exception {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      assertThat(processes.filter(p -> Files.exists(p.resolve("cmdline"))))
          .extracting(SecretNeverPrintedIT::commandLine)
          .anyMatch(line -> line.contains("greeter-service.jar"))
          .noneMatch(line -> line.contains(SECRET));
    }
  }

  private static void assertSaysNothing(Map<String, String> settings, String... command)
      throws Exception {
    Map<String, String> environment = new HashMap<>(settings);
    environment.put("GREETER_SERVER", service.address());
    environment.put(VERBOSE, "trace");

    // Without the launcher, whose beans are prepared: more is logged.
    List<String> jar = Program.clientJar("-XX:TieredStopAtLevel=1", command);
    Result result = Program.run(Program.builder(environment, jar), new byte[0]);

    assertThat(result.err().lines()).as("the log").hasSizeGreaterThan(100);
    assertThat((result.out() + result.err()).lines()).noneMatch(line -> line.contains(MARKER));
  }

  private String write(String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content).toString();
  }

  private static String commandLine(Path process) {
    try {
      return Files.readString(process.resolve("cmdline"));
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
