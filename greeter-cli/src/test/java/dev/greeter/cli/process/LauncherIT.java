package dev.greeter.cli.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.greeter.cli.process.Program.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher {@code bin/greeter}: finds Java, and makes and uses the cache. */
class LauncherIT {

  private static final Path LAUNCHER =
      Path.of(Objects.requireNonNull(System.getProperty("greeter.launcher"))).normalize();

  /** One for all tests that do not ask how the first is made; who breaks it sees it made anew. */
  @TempDir private static Path caches;

  private static RunningService service;

  @TempDir private Path directory;
  private Path commandLines;
  private Map<String, String> environment;

  @BeforeAll
  static void startService() throws Exception {
    service = RunningService.start(Map.of());
    Map<String, String> environment =
        Map.of("JAVA_HOME", System.getProperty("java.home"), "XDG_CACHE_HOME", caches.toString());
    run(Program.builder(environment, List.of(LAUNCHER.toString(), "version")));
    awaitCache(caches);
  }

  @AfterAll
  static void stopService() throws Exception {
    service.close();
  }

  /** A Java that notes what it is started with; it refuses a cache that does not fit. */
  @BeforeEach
  void noteCommandLines() throws IOException {
    Path java = Path.of(System.getProperty("java.home"));
    commandLines = Files.createFile(directory.resolve("command-lines"));
    Path home = Files.createDirectories(directory.resolve("a JDK"));
    Files.copy(java.resolve("release"), home.resolve("release"));
    script(
        Files.createDirectory(home.resolve("bin")).resolve("java"),
        "echo \"$*\" >>'%s'".formatted(commandLines),
        "env | grep -E '^(OTEL|GREETER|GRPC)_' >>'%s.variables'".formatted(commandLines),
        "[ -z \"${STRICT-yes}\" ] || case \"$*\" in",
        "  *-XX:AOTCache=*) set -- -XX:AOTMode=on \"$@\" ;;",
        "  *-XX:SharedArchiveFile=*) set -- -Xshare:on \"$@\" ;;",
        "esac",
        "exec '%s/bin/java' \"$@\"".formatted(java));
    environment =
        new HashMap<>(
            Map.of(
                "GREETER_SERVER", service.address(),
                "JAVA_HOME", home.toString(),
                "XDG_CACHE_HOME", caches.toString()));
  }

  @Test
  void makesTheCacheOnceAndStartsFromIt() throws Exception {
    Path base = withoutACache();
    assertThat(greeter("greet", "Ada Lovelace")).isEqualTo(success("Hello Ada Lovelace!\n"));
    Path cache = awaitCache(base);
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
    Path base = withoutACache();
    ProcessBuilder builder = builder(LAUNCHER, "greet", "Ada");
    Process other = builder.redirectErrorStream(true).start();

    assertThat(greeter("greet", "Bob")).isEqualTo(success("Hello Bob!\n"));

    assertThat(new String(other.getInputStream().readAllBytes(), UTF_8)).isEqualTo("Hello Ada!\n");
    awaitCache(base);
    assertThat(recordings()).hasSize(1);
  }

  @Test
  void removesTheCacheOfAnEarlierJar() throws Exception {
    Path entry = Objects.requireNonNull(awaitCache(caches).getParent());
    Path earlier = Path.of(entry.toString().replaceFirst("-\\d+$", "-1"));
    Files.move(entry, earlier);

    greeter("version");

    awaitCache(caches);
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(earlier).doesNotExist());
  }

  @ParameterizedTest
  @ValueSource(strings = {"jvm.cache", "lib/spring-core.jar", "lib", "greeter-cli.jar"})
  void makesACacheAnewThatIsNotWhole(String part) throws Exception {
    damage(Objects.requireNonNull(awaitCache(caches).getParent()), part);

    assertThat(greeter("greet", "Ada")).isEqualTo(success("Hello Ada!\n"));

    awaitCache(caches);
    assertThat(greeter("greet", "Ada")).isEqualTo(success("Hello Ada!\n"));
    assertThat(recordings()).hasSize(1);
  }

  @Test
  void saysNothingOfACacheThatTheJvmDoesNotTake() throws Exception {
    Path cache = awaitCache(caches);
    byte[] content = Files.readAllBytes(cache);
    Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rw-------"));
    Files.write(cache, new byte[content.length]);
    environment.put("STRICT", "");

    assertThat(greeter("greet", "Ada")).isEqualTo(success("Hello Ada!\n"));
    Files.write(cache, content);
  }

  @Test
  void learnsFromAGreetingOfWhichNothingGoesElsewhere() throws Exception {
    environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");
    environment.put("GREETER_AUTH_VALUE", "marker");
    Path base = withoutACache();

    greeter("version");

    awaitCache(base);
    assertThat(recordings())
        .singleElement(STRING)
        .endsWith(" dev.greeter.cli.Training")
        .doesNotContain(service.address());
    // The run for the user has them, and that which unpacks the jar.
    assertThat(Files.readAllLines(Path.of(commandLines + ".variables")))
        .filteredOn(line -> line.startsWith("OTEL_"))
        .hasSize(2);
  }

  @Test
  void usesNoCacheOfAnotherUser() throws Exception {
    Assumptions.assumeTrue(System.getProperty("user.name").equals("root"), "may give files away");
    Path entry = Objects.requireNonNull(awaitCache(caches).getParent());
    giveAway(entry, 12_345);

    assertThat(greeter("greet", "Ada")).isEqualTo(success("Hello Ada!\n"));

    giveAway(entry, 0);
    assertThat(Files.readAllLines(commandLines)).last().asString().doesNotContain("=" + caches);
    assertThat(recordings()).isEmpty();
  }

  private static void giveAway(Path entry, int user) throws IOException {
    Files.setAttribute(entry, "unix:uid", user);
    Files.setAttribute(Objects.requireNonNull(entry.getParent()), "unix:uid", user);
  }

  @Test
  void makesNoCacheInAnotherUsersHome() throws Exception {
    Assumptions.assumeTrue(System.getProperty("user.name").equals("root"), "may give files away");
    Path home = Files.createDirectory(directory.resolve("home"));
    Files.setAttribute(home, "unix:uid", 12_345);
    environment.remove("XDG_CACHE_HOME");
    environment.put("HOME", home.toString());

    assertThat(greeter("greet", "Ada")).isEqualTo(success("Hello Ada!\n"));
    assertThat(home).isEmptyDirectory();
  }

  @Test
  void leavesTheCollectorToWhoHasChosenOne() throws Exception {
    environment.put("JAVA_TOOL_OPTIONS", "-XX:+UseParallelGC");
    environment.put("XDG_CACHE_HOME", "/dev/null");

    Result result = greeter("greet", "Ada");

    assertThat(result.out()).isEqualTo("Hello Ada!\n");
    assertThat(result.err()).isEqualTo("Picked up JAVA_TOOL_OPTIONS: -XX:+UseParallelGC\n");
  }

  @Test
  void startsJavaByTheNameThatAShimLooksAt() throws Exception {
    environment.put("XDG_CACHE_HOME", "/dev/null");
    Path shims = Files.createDirectory(directory.resolve("shims"));
    String java = environment.remove("JAVA_HOME") + "/bin/java";
    script(
        directory.resolve("multi-call"),
        "[ \"${0##*/}\" = java ] || exit 99",
        "exec '%s' \"$@\"".formatted(java));
    Files.createSymbolicLink(shims.resolve("java"), directory.resolve("multi-call"));
    environment.put("PATH", shims + ":" + System.getenv("PATH"));

    assertThat(greeter("greet", "Ada")).isEqualTo(success("Hello Ada!\n"));
  }

  @Test
  void refusesAJavaHomeWithoutAJava() throws Exception {
    environment.put("JAVA_HOME", directory.toString());

    assertRefusal(greeter("greet", "Ada"), "no Java in JAVA_HOME", directory.toString());
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
    Files.createSymbolicLink(tools.resolve("readlink"), Path.of("/usr/bin/readlink"));
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

  private Path withoutACache() throws IOException {
    Path base = Files.createDirectory(directory.resolve("caches"));
    environment.put("XDG_CACHE_HOME", base.toString());
    return base;
  }

  private static Path awaitCache(Path base) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        // A directory that is being removed.
        .ignoreException(UncheckedIOException.class)
        .until(() -> seals(base), found -> found.size() == 1)
        .get(0)
        .resolveSibling("jvm.cache");
  }

  private static void damage(Path cache, String part) throws IOException {
    if (part.equals("lib")) {
      Files.move(cache.resolve("lib"), cache.resolve("gone"));
      return;
    }
    Path file = cache.resolve(part);
    if (part.startsWith("lib/")) {
      try (Stream<Path> files = Files.list(cache.resolve("lib"))) {
        Files.delete(files.filter(f -> f.toString().contains("spring-core-")).findFirst().get());
      }
    } else {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(100_000);
      }
    }
  }

  private static List<Path> seals(Path base) throws IOException {
    try (Stream<Path> files = Files.find(base, 3, (file, type) -> file.endsWith("seal"))) {
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
