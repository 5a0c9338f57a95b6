package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.TextService;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Which threads a guard has. */
@Isolated("It counts the threads of all guards")
class GuardThreadsTest {

  @TempDir private Path directory;

  @Test
  void areGoneOnceItsServerHasStopped() throws Exception {
    String file = Files.writeString(directory.resolve("secret"), "0".repeat(32)).toString();
    for (int i = 0; i < 50; i++) {
      Guard guard = Guard.builder(Secrets.inFile(file)).build();
      var grpc = new InProcessGrpc(guard.around(InProcessGrpc.builder()));
      assertThat(threads()).contains("guard", "follow the secret file");
      guard.stop(grpc.server(), Duration.ofSeconds(30));
      grpc.close();
    }
    Awaitility.await().untilAsserted(() -> assertThat(threads()).isEmpty());
  }

  @Test
  void areNoneBeforeItIsAroundAServer() {
    try (Guard guard = Guard.builder(Secrets.of("42")).openServices(TextService.NAME).build()) {
      assertThat(guard.openCalls()).isZero();
      assertThat(threads()).isEmpty();
    }
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.equals("guard") || name.startsWith("follow "))
        .toList();
  }
}
