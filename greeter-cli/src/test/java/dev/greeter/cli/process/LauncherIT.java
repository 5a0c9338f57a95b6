package dev.greeter.cli.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.process.Program.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher {@code bin/greeter}: finds Java, and makes and uses the cache. */
class LauncherIT {

  private static final Path LAUNCHER =
      Path.of(Objects.requireNonNull(System.getProperty("greeter.launcher"))).normalize();

  private static RunningService service;

  @TempDir private Path directory;
  private Path commandLines;
  private Map<String, String> environment;

  @BeforeAll
  static void startService() throws Exception {
    service = RunningService.start(Map.of());
  }

  @AfterAll
  static void stopService() throws Exception {
    service.close();
  }

  /** A Java that notes what it is started with, and refuses a cache that does not fit. */
  @BeforeEach
  void noteCommandLines() throws IOException {
    Path java = Path.of(System.getProperty("java.home"));
    commandLines = Files.createFile(directory.resolve("command-lines"));
    Path home = Files.createDirectories(directory.resolve("a JDK"));
    Files.copy(java.resolve("release"), home.resolve("release"));
    script(
        Files.createDirectory(home.resolve("bin")).resolve("java"),
        "echo \"$*\" >>'%s'".formatted(commandLines),
        "case \"$*\" in",
        "  *-XX:AOTCache=*) set -- -XX:AOTMode=on \"$@\" ;;",
        "  *-XX:SharedArchiveFile=*) set -- -Xshare:on \"$@\" ;;",
        "esac",
        "exec '%s/bin/java' \"$@\"".formatted(java));
    environment =
        new HashMap<>(
            Map.of(
                "GREETER_SERVER", service.address(),
                "JAVA_HOME", home.toString(),
                "XDG_CACHE_HOME", directory.resolve("caches").toString()));
  }

  @Test
  void makesTheCacheOnceAndStartsFromIt() throws Exception {
    assertThat(greeter("greet", "Ada Lovelace")).isEqualTo(success("Hello Ada Lovelace!\n"));
    Path cache = awaitCache();
    assertThat(greeter("greet", "Ada Lovelace")).isEqualTo(success("Hello Ada Lovelace!\n"));

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cache.getParent())))
        .isEqualTo("rwx------");
    assertThat(Files.readAllLines(commandLines))
        .last()
        .asString()
        .contains("=" + cache + " ")
        .endsWith(" greet Ada Lovelace");
    assertThat(recordings()).hasSize(1);
  }

  @Test
  void makesOneCacheForTwoFirstRunsAtOnce() throws Exception {
    ProcessBuilder builder = builder(LAUNCHER, "greet", "Ada");
    Process other = builder.redirectErrorStream(true).start();

    assertThat(greeter("greet", "Bob")).isEqualTo(success("Hello Bob!\n"));

    assertThat(new String(other.getInputStream().readAllBytes(), UTF_8)).isEqualTo("Hello Ada!\n");
    awaitCache();
    assertThat(recordings()).hasSize(1);
  }

  @Test
  void removesTheCacheOfAnEarlierJar() throws Exception {
    greeter("version");
    Path entry = Objects.requireNonNull(awaitCache().getParent());
    Path earlier = Path.of(entry.toString().replaceFirst("-\\d+$", "-1"));
    Files.move(entry, earlier);

    greeter("version");

    awaitCache();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(earlier).doesNotExist());
  }

  @Test
  void doesWithoutACacheWhereItCannotBeMade() throws Exception {
    environment.put("XDG_CACHE_HOME", "/dev/null");

    assertThat(greeter("greet", "Ada")).isEqualTo(success("Hello Ada!\n"));
    assertThat(recordings()).isEmpty();
  }

  @Test
  void doesWithoutACacheForAUserWithoutAHome() throws Exception {
    environment.remove("XDG_CACHE_HOME");

    assertThat(greeter("greet", "Ada")).isEqualTo(success("Hello Ada!\n"));
    assertThat(recordings()).isEmpty();
  }

  @Test
  void passesTheExitCodeOn() throws Exception {
    Result result = greeter("greet", "");

    assertThat(result.err()).contains("empty").hasLineCount(2);
    assertThat(result.exitCode()).isEqualTo(67);
  }

  @Test
  void findsItsCheckoutThroughALink() throws Exception {
    Path link = Files.createSymbolicLink(directory.resolve("greeter"), LAUNCHER);

    assertThat(run(builder(link, "version")).out()).startsWith("Version: ");
  }

  @Test
  void tellsThatThereIsNoJava() throws Exception {
    Path tools = Files.createDirectory(directory.resolve("tools"));
    for (String tool : List.of("dirname", "readlink")) {
      Files.createSymbolicLink(tools.resolve(tool), Path.of("/usr/bin", tool));
    }
    environment.put("PATH", tools.toString());
    environment.remove("JAVA_HOME");

    assertRefusal(greeter("greet", "Ada"), "no Java", "JAVA_HOME");
  }

  @Test
  void tellsThatJavaIsTooOld() throws Exception {
    Path tools = Files.createDirectory(directory.resolve("tools"));
    script(tools.resolve("java"), "echo 'openjdk version \"11.0.2\" 2019-01-15' >&2");
    environment.put("PATH", tools + ":" + System.getenv("PATH"));
    environment.remove("JAVA_HOME");

    assertRefusal(greeter("greet", "Ada"), "Java 17", "11.0.2", "JAVA_HOME");
  }

  @Test
  void tellsHowToBuildAMissingJar() throws Exception {
    Path bin = Files.createDirectory(directory.resolve("bin"));
    Path launcher = Files.copy(LAUNCHER, bin.resolve("greeter"));

    assertRefusal(run(builder(launcher, "greet", "Ada")), "greeter-cli.jar", "mvn -q package");
  }

  private Result greeter(String... arguments) throws Exception {
    return run(builder(LAUNCHER, arguments));
  }

  private ProcessBuilder builder(Path launcher, String... arguments) {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    return Program.builder(environment, command);
  }

  private static Result run(ProcessBuilder builder) throws Exception {
    return Program.run(builder, new byte[0]);
  }

  private Path awaitCache() {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> find("jvm.cache"), found -> found.size() == 1)
        .get(0);
  }

  private List<Path> find(String name) throws IOException {
    try (Stream<Path> files = Files.find(directory, 4, (file, type) -> file.endsWith(name))) {
      return files.toList();
    }
  }

  private List<String> recordings() throws IOException {
    return Files.readAllLines(commandLines).stream()
        .filter(line -> line.contains("AOTCacheOutput") || line.contains("ArchiveClassesAtExit"))
        .toList();
  }

  private static void script(Path file, String... lines) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static Result success(String out) {
    return new Result(0, out, "");
  }

  private static void assertRefusal(Result result, String... said) {
    assertThat(result.err()).contains(said).hasLineCount(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.exitCode()).isEqualTo(2);
  }
}
