package dev.greeter.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.process.Program.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher {@code greeter-cli/bin/greeter}: finds Java, and creates and uses the cache. */
class LauncherIT {

  /** Replaces the JVM: records its arguments and does what the launcher requires. */
  private static final String JAVA =
      """
      #!/bin/sh
      echo "$*" >>'%1$s'
      case "$*" in
        *" extract "*) mkdir -p lib && echo lib >lib/a.jar && echo jar >greeter-cli.jar ;;
        *=new\\ *) echo cache >new && env | grep -E '^(OTEL|GREETER|GRPC)_' >'%1$s.variables' ;;
        *) echo Hello; exit 3 ;;
      esac
      """;

  private static final Result RUN = new Result(3, "Hello\n", "");

  @TempDir private Path directory;
  private Path base;
  private Path home;
  private Path commandLines;
  private Map<String, String> environment;

  @BeforeEach
  void makeJdk() throws IOException {
    base = Files.createDirectory(directory.resolve("the caches"));
    commandLines = Files.createFile(directory.resolve("command-lines"));
    home = Files.createDirectories(directory.resolve("a JDK"));
    release("25.0.1+9");
    java(JAVA.formatted(commandLines));
    environment =
        new HashMap<>(Map.of("JAVA_HOME", home.toString(), "XDG_CACHE_HOME", base.toString()));
  }

  @ParameterizedTest
  @CsvSource({
    "25.0.1+9, -XX:AOTCacheOutput=new, -XX:AOTCache=",
    "17.0.15+6, -XX:ArchiveClassesAtExit=new, -XX:SharedArchiveFile="
  })
  void createsCacheOnceAndStartsFromIt(String version, String record, String replay)
      throws Exception {
    release(version);
    environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");
    environment.put("GREETER_AUTH_VALUE", "marker");

    Path cache = makeCache();
    assertThat(greeter("greet", "Ada Lovelace")).isEqualTo(RUN);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cache)))
        .isEqualTo("rwx------");
    assertThat(lastRun())
        .contains(" %s%s/jvm.cache ".formatted(replay, cache))
        .endsWith(" -jar %s/greeter-cli.jar greet Ada Lovelace".formatted(cache));
    assertThat(recordings()).singleElement().asString().contains(record).doesNotContain("Lovelace");
    assertThat(Path.of(commandLines + ".variables")).as("of the user's service").isEmptyFile();
  }

  @Test
  void createsOneCacheForConcurrentFirstRuns() throws Exception {
    Process other = Program.builder(environment, Program.clientCommand("greet", "Ada")).start();

    makeCache();

    assertThat(Program.exitCode(other)).isEqualTo(3);
    assertThat(recordings()).hasSize(1);
  }

  @Test
  void replacesCacheOfEarlierBuild() throws Exception {
    Path entry = makeCache();
    Path earlier = Path.of(entry.toString().replaceFirst("-\\d+$", "-1"));
    Files.move(entry, earlier);

    assertThat(greeter("version")).isEqualTo(RUN);
    assertThat(lastRun()).doesNotContain(base.toString());
    Awaitility.await().until(() -> sealed().equals(List.of(entry)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"jvm.cache", "lib/a.jar", "greeter-cli.jar"})
  void replacesIncompleteCache(String part) throws Exception {
    Path cache = makeCache();
    Files.writeString(cache.resolve(part), "");

    assertThat(makeCache()).isEqualTo(cache);

    assertThat(lastRun()).doesNotContain(base.toString());
    assertThat(recordings()).hasSize(2);
  }

  @Test
  void replacesUnfinishedCacheAfterTenMinutes() throws Exception {
    Path cache = makeCache();
    Files.delete(cache.resolve("seal"));
    greeter();
    assertThat(lastRun()).doesNotContain(base.toString());
    assertThat(cache.resolve("jvm.cache")).exists();

    Files.setLastModifiedTime(cache, FileTime.from(Instant.now().minus(Duration.ofMinutes(12))));

    makeCache();
    assertThat(recordings()).hasSize(2);
  }

  @Test
  void ignoresCacheOfAnotherUser() throws Exception {
    Path cache = makeCache();
    giveAway(cache);
    giveAway(Objects.requireNonNull(cache.getParent()));

    assertThat(greeter("greet", "Ada")).isEqualTo(RUN);

    assertThat(lastRun()).doesNotContain(base.toString());
    assertThat(recordings()).hasSize(1);
  }

  @Test
  void createsNoCacheInAnotherUsersHome() throws Exception {
    environment.put("XDG_CACHE_HOME", "");
    environment.put("HOME", base.toString());
    giveAway(base);

    assertThat(greeter("greet", "Ada")).isEqualTo(RUN);

    assertThat(base).isEmptyDirectory();
  }

  private static void giveAway(Path file) throws IOException {
    Assumptions.assumeTrue(System.getProperty("user.name").equals("root"), "may give files away");
    Files.setAttribute(file, "unix:uid", 12_345);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/dev/null", "", "relative"})
  void runsWithoutCacheIfItCannotBeCreated(String place) throws Exception {
    environment.put("XDG_CACHE_HOME", place);

    assertThat(greeter("greet", "Ada")).isEqualTo(RUN);

    assertThat(Files.readString(commandLines))
        .endsWith("/greeter-cli/target/greeter-cli.jar greet Ada\n")
        .hasLineCount(1);
  }

  /** The only test here that greets with a real JVM, with the cache of all tests. */
  @Test
  void startsFromCacheAcceptedByJvm() throws Exception {
    release(Runtime.version().toString());
    java(
        """
        #!/bin/sh
        echo "$*" >>'%s'
        case "$*" in
          *-XX:AOTCache=*) set -- -XX:AOTMode=on "$@" ;;
          *-XX:SharedArchiveFile=*) set -- -Xshare:on "$@" ;;
        esac
        exec '%s/bin/java' "$@"
        """
            .formatted(commandLines, Program.JAVA_HOME));
    environment.put("XDG_CACHE_HOME", System.getProperty("greeter.caches"));
    environment.putAll(RunningService.client());

    assertThat(greeter("greet", "Ada")).isEqualTo(new Result(0, "Hello Ada!\n", ""));
    assertThat(lastRun()).contains("/jvm.cache ");
  }

  /** Uses a real JVM, which rejects two collectors and ignores an invalid cache silently. */
  @ParameterizedTest
  @ValueSource(strings = {"", "-XX:+UseParallelGC"})
  void keepsUsersCollectorAndIgnoresUnusableCache(String options) throws Exception {
    release(Runtime.version().toString());
    environment.put("JAVA_TOOL_OPTIONS", options);
    Path cache = makeCache();
    greeter("version");
    String command = lastRun().replaceFirst(" -jar .*", " -version");
    assertThat(command).contains("=" + cache);
    String script =
        Program.JAVA_HOME + "/bin/java " + command.replace("the caches", "'the caches'");

    Result result = Program.run(Program.builder(environment, List.of("sh", "-c", script)), "");

    assertThat(result.exitCode()).as(result.err()).isZero();
    assertThat(result.err()).contains("Runtime Environment").doesNotContainIgnoringCase("archive");
    assertThat(result.out()).isEmpty();
  }

  /** Two JVMs cannot use the port of a debugger or JMX, and an agent rules out the cache. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "-agentlib:jdwp=transport=dt_socket,server=y,address=5005",
        "-javaagent:agent.jar",
        "-Dcom.sun.management.jmxremote.port=9010"
      })
  void createsNoCacheWithAgentOrJmx(String options) throws Exception {
    environment.put("JAVA_TOOL_OPTIONS", options);

    assertThat(greeter("greet", "Ada")).isEqualTo(RUN);

    assertThat(base).isEmptyDirectory();
  }

  @Test
  void startsJavaThroughMultiCallShim() throws Exception {
    makeNoCache();
    Path shim = directory.resolve("multi-call");
    script(
        shim, "#!/bin/sh\n[ \"${0##*/}\" = java ] && echo 'openjdk version \"17.0.2\"' && exit 3");
    Files.createSymbolicLink(Files.createDirectory(directory.resolve("bin")).resolve("java"), shim);
    environment.put("PATH", directory + "/bin:" + System.getenv("PATH"));
    environment.put("JAVA_HOME", "");

    assertThat(greeter("greet", "Ada").exitCode()).isEqualTo(3);
  }

  @Test
  void findsCheckoutThroughSymbolicLink() throws Exception {
    makeNoCache();
    Path link = Files.createSymbolicLink(directory.resolve("greeter"), Program.LAUNCHER);

    assertThat(run(link, "version")).isEqualTo(RUN);
  }

  @Test
  void refusesToRunWithoutJava() throws Exception {
    environment.put("JAVA_HOME", directory.toString());
    assertRefusal(greeter(), "There is no Java in " + directory, "Install Java 17 or newer");

    Path tools = Files.createDirectory(directory.resolve("tools"));
    Files.createSymbolicLink(tools.resolve("readlink"), Path.of("/usr/bin/readlink"));
    environment.put("PATH", tools.toString());
    environment.put("JAVA_HOME", "");
    assertRefusal(greeter(), "There is no Java in PATH.", "JAVA_HOME");
  }

  @Test
  void rejectsOutdatedJava() throws Exception {
    Files.delete(home.resolve("release"));
    java("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2");

    assertRefusal(greeter(), "is version 11.0.2, too old.", "Java 17 or newer");
  }

  @Test
  void explainsHowToBuildMissingJar() throws Exception {
    Path bin = Files.createDirectory(directory.resolve("bin"));

    assertRefusal(
        run(Files.copy(Program.LAUNCHER, bin.resolve("greeter"))), "greeter-cli.jar.", "mvn -q");
  }

  private Result greeter(String... arguments) throws Exception {
    return run(Program.LAUNCHER, arguments);
  }

  private Result run(Path launcher, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    return Program.run(Program.builder(environment, command), "");
  }

  /**
   * For tests that do not wait for a cache: its creation would outlive the test and keep the
   * directory from being deleted.
   */
  private void makeNoCache() {
    environment.put("XDG_CACHE_HOME", "");
  }

  /** Runs the client and waits for the cache that this creates. */
  private Path makeCache() throws Exception {
    assertThat(greeter("version")).isEqualTo(RUN);
    return Awaitility.await().until(this::sealed, found -> found.size() == 1).get(0);
  }

  private List<Path> sealed() throws IOException {
    try (Stream<Path> files = Files.list(base.resolve("greeter"))) {
      return files.filter(cache -> Files.exists(cache.resolve("seal"))).toList();
    }
  }

  private List<String> recordings() throws IOException {
    return Files.readAllLines(commandLines).stream().filter(l -> l.contains("=new ")).toList();
  }

  /** Returns the last command line that did not create a cache. */
  private String lastRun() throws IOException {
    return Files.readAllLines(commandLines).stream()
        .filter(line -> !line.contains("=new ") && !line.contains(" extract "))
        .reduce("", (first, second) -> second);
  }

  private void release(String version) throws IOException {
    String line = "JAVA_RUNTIME_VERSION=\"%s\"\n".formatted(version);
    Files.writeString(home.resolve("release"), line);
  }

  private void java(String script) throws IOException {
    script(Files.createDirectories(home.resolve("bin")).resolve("java"), script);
  }

  private static void script(Path file, String script) throws IOException {
    Files.writeString(file, script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void assertRefusal(Result result, String... said) {
    assertThat(result.err()).contains(said).hasLineCount(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.exitCode()).isEqualTo(2);
  }
}
