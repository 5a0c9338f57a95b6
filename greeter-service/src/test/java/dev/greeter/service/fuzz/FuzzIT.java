package dev.greeter.service.fuzz;

import dev.greeter.service.attack.AttackedService;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Some sessions of the {@link Fuzzer} against the jar, among them those that have found something.
 */
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class FuzzIT {

  @TempDir private Path directory;

  /**
   * Three lines are the service's own, of the file of clients that changes twice and of connections
   * that are refused; Netty had sixty, one for each frame of a call that it had just reset.
   */
  @Test
  void leavesNoLinesInTheLog() throws Exception {
    List<Step> steps = Sessions.of(1, 200);
    Path clients = directory.resolve("clients");
    Player.restore(clients);
    try (var service = new AttackedService(Headers.accepted(clients))) {
      service.withstands(3, () -> Player.play(service.port(), clients, steps));
    }
  }
}
