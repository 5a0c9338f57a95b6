package dev.greeter.service.fuzz;

import dev.greeter.service.attack.AttackedService;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * Some sessions of the {@link Fuzzer} against the jar, among them those that have found something.
 */
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class FuzzIT {

  private static final Map<String, String> SETTINGS =
      Map.of("GREETER_AUTH_PREVIOUS_VALUE", Headers.SECRET);

  /**
   * Two lines are the service's own, of the previous secret and of connections that are refused;
   * Netty had one for each frame of a call that it had just reset, in seeds 12, 43 and 185.
   */
  @Test
  void leavesNoLinesInTheLog() throws Exception {
    List<Step> steps = Sessions.of(1, 200);
    try (var service = new AttackedService(SETTINGS)) {
      service.withstands(
          2,
          () -> {
            try (var player = new Player(service.port())) {
              player.play(steps);
            }
          });
    }
  }
}
