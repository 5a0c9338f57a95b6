package dev.greeter.service.fuzz;

import dev.greeter.service.attack.AttackedService;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * Some sessions of the {@link Fuzzer} against the jar, among them those that have found something.
 */
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class FuzzIT {

  /**
   * Two lines are the service's own, of the previous secret and of connections that are refused;
   * Netty had one for each frame of a call that it had just reset, in seeds 12, 43 and 185.
   */
  @Test
  void leavesNoLinesInTheLog() throws Exception {
    List<Step> steps = Sessions.of(1, 200);
    try (var service = new AttackedService(Headers.ACCEPTED)) {
      service.withstands(2, () -> Player.play(service.port(), steps));
    }
  }
}
