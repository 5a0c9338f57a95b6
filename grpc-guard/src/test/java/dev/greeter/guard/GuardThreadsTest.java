package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.InProcessGrpc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Tests which threads a guard runs. */
@Isolated("It counts the threads of all guards")
class GuardThreadsTest {

  @Test
  void runsThreadsOnlyWhileProtectingServer(@TempDir Path directory) throws Exception {
    String file = Files.writeString(directory.resolve("secret"), "0".repeat(32)).toString();
    for (int i = 0; i < 20; i++) {
      Guard guard = Guard.builder(Secrets.inFile(file)).build();
      assertThat(threads()).doesNotContain("guard");
      var grpc = new InProcessGrpc(guard.around(InProcessGrpc.builder()));
      assertThat(threads()).contains("guard", "follow the secret file");
      guard.stop(grpc.server(), Duration.ofSeconds(30));
      assertThat(grpc.server().isTerminated()).isTrue();
      grpc.close();
      Awaitility.await().untilAsserted(() -> assertThat(threads()).isEmpty());
    }
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.equals("guard") || name.startsWith("follow "))
        .toList();
  }
}
