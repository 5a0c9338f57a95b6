package dev.greeter.guard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.greeter.guard.fixture.KubernetesVolume;
import dev.greeter.guard.fixture.LogCapture;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.EmptyStackException;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the value of several files while they change. */
@Timeout(60)
class WatchedFileTest {

  private static final int LIMIT = 2048;

  @RegisterExtension private final LogCapture log = new LogCapture();

  private final Set<String> threads = ConcurrentHashMap.newKeySet();
  private final Queue<String> looks = new ConcurrentLinkedQueue<>();
  @TempDir private Path directory;
  private Path first;
  private Path second;
  @AutoClose private WatchedFile<String> files;

  @BeforeEach
  void follow() throws IOException {
    first = directory.resolve("first");
    second = directory.resolve("second");
    write(first, "a");
    write(second, "a");
    files = followed();
    threads.clear();
  }

  @Test
  void reloadsFilesReplacedWithSameDateAndSize() throws Exception {
    FileTime date = Files.getLastModifiedTime(first);
    write(first, "b");
    write(second, "b");
    Files.setLastModifiedTime(first, date);
    Files.setLastModifiedTime(second, date);

    await("b b");
    assertThat(threads).containsExactly("follow the files");
  }

  @Test
  void followsKubernetesVolumeLinks() throws Exception {
    Path mount = Files.createDirectory(directory.resolve("volume"));
    var volume = new KubernetesVolume(mount, "first", "c");
    Files.delete(first);
    Files.createSymbolicLink(first, volume.file());
    write(second, "c");
    await("c c");

    volume.replace("d");
    write(second, "d");
    await("d d");
  }

  @ParameterizedTest
  @CsvSource({
    "b, The files do not belong together",
    "throw, java.util.EmptyStackException",
    "throw an error, java.lang.NoClassDefFoundError",
  })
  void keepsPreviousValueWhenParserThrows(String content, String problem) throws Exception {
    write(first, content);
    awaitProblems(problem);
    assertThat(files.get()).isEqualTo("a a");

    write(first, "b");
    write(second, "b");
    await("b b");
  }

  /** Linux returns different content for each read, as if the file were being written. */
  @Test
  void reloadsOnlyContentReadTwiceUnchanged() throws Exception {
    Files.delete(first);
    Files.createSymbolicLink(first, Path.of("/proc/sys/kernel/random/uuid"));
    awaitMoreLooks("a a");
    assertThat(threads).as("threads that have parsed it").isEmpty();

    write(first, "b");
    write(second, "b");
    await("b b");
  }

  @Test
  void logsProblemOnceUntilItChanges() throws Exception {
    write(first, "b");
    awaitProblems("The files do not belong together");
    Files.delete(first);
    awaitProblems("The files do not belong together", "This one names a file that does not exist.");
    write(first, "a");
    Awaitility.await()
        .until(
            () ->
                log.of(WatchedFile.class.getName()).stream()
                    .map(ILoggingEvent::getFormattedMessage)
                    .anyMatch("The content of the files is usable again, and unchanged"::equals));
    assertThat(files.get()).isEqualTo("a a");

    Files.delete(first);
    awaitProblems(
        "The files do not belong together",
        "This one names a file that does not exist.",
        "This one names a file that does not exist.");
  }

  @Test
  void rejectsInvalidFilesAtStart() throws Exception {
    write(first, "b");

    assertThatThrownBy(this::followed).hasMessage("The files do not belong together");
  }

  @Test
  void rejectsOverlargeAndNonRegularFiles() throws Exception {
    write(second, "a".repeat(LIMIT));
    assertThat(file(second).read()).hasSize(LIMIT);
    try (var file = new RandomAccessFile(first.toFile(), "rw")) {
      file.setLength(8L << 30);
    }
    assertRefused(first, "This one names a file larger than 2 KB.");

    Path pipe = directory.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    for (Path other : List.of(directory, pipe, Path.of("/dev/zero"))) {
      assertRefused(other, "This one names a file that is not a regular file.");
    }
  }

  @Test
  void notifiesListenerOnEveryCheck() throws Exception {
    Files.delete(first);
    awaitProblems("This one names a file that does not exist.");
    awaitMoreLooks("a a");
    write(first, "b");
    write(second, "b");
    awaitMoreLooks("b b");
  }

  @Test
  void stopsFollowingOnClose() {
    assertThat(followers()).contains("follow the files");
    files.close();
    Awaitility.await().until(() -> !followers().contains("follow the files"));
    assertThat(log.problems()).isEmpty();
  }

  private WatchedFile<String> followed() {
    return new WatchedFile<>(
        "the files",
        List.of(file(first), file(second)),
        this::parse,
        looks::add,
        Duration.ofMillis(10));
  }

  private String parse(List<byte[]> contents) {
    threads.add(Thread.currentThread().getName());
    List<String> texts = contents.stream().map(bytes -> new String(bytes, UTF_8)).toList();
    if (texts.contains("throw")) {
      throw new EmptyStackException();
    }
    if (texts.contains("throw an error")) {
      throw new NoClassDefFoundError();
    }
    if (!texts.get(0).equals(texts.get(1))) {
      throw new IllegalArgumentException("The files do not belong together");
    }
    return String.join(" ", texts);
  }

  private static BoundedFile file(Path path) {
    return new BoundedFile("This one", path.toString(), LIMIT, "a file of the test");
  }

  private static void assertRefused(Path path, String message) {
    assertThatThrownBy(() -> file(path).read()).hasMessage(message);
  }

  /** Replaces a file atomically: the files may be read at any time. */
  private void write(Path file, String content) throws IOException {
    Path other = Files.writeString(directory.resolve("new-content"), content);
    Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private void await(String expected) {
    Awaitility.await().untilAsserted(() -> assertThat(files.get()).isEqualTo(expected));
  }

  private void awaitMoreLooks(String value) {
    looks.clear();
    Awaitility.await().until(() -> looks.stream().filter(value::equals).count() > 2);
  }

  private void awaitProblems(String... expected) {
    List<String> lines =
        Stream.of(expected)
            .map(problem -> problem + " The previous content of the files stays in use.")
            .toList();
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(log.problems())
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .containsExactlyElementsOf(lines));
  }

  private static Set<String> followers() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .collect(Collectors.toSet());
  }
}
