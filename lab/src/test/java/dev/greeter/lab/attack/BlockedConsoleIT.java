package dev.greeter.lab.attack;

import static dev.greeter.lab.Http2Frames.WATCH;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.lab.AttackScenario;
import dev.greeter.lab.Http2Peer;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The service when its output is not read, so that the pipe is full. */
class BlockedConsoleIT {

  @RegisterExtension
  static final AttackScenario SERVICE =
      new AttackScenario(
          directory -> Map.of("GREETER_ACCESS_LOG_REFUSALS_PER_SECOND", "1000000"),
          "exec %s > >(exec sleep 300) 2>&1");

  /** The log lines of the refused calls exceed a pipe of 64 KB. */
  @Test
  void servesAndStopsWithBlockedOutput() throws Exception {
    SERVICE.withstands(
        callers -> {
          callers.each(1, peer -> peer.ask(1, WATCH, ""));
          try (var peer = Http2Peer.connect(SERVICE.port())) {
            assertThat(peer.guess(2_000, () -> "43")).isEqualTo(2_000);
          }
        });
  }
}
