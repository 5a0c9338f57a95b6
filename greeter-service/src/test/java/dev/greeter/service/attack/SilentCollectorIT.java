package dev.greeter.service.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A collector that takes connections and never answers. */
class SilentCollectorIT {

  @Test
  void doesNotHoldUpTheEndOfTheService() throws Exception {
    try (var collector = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        var service =
            new AttackedService(
                Map.of(
                    "OTEL_EXPORTER_OTLP_ENDPOINT",
                    "http://127.0.0.1:" + collector.getLocalPort()))) {
      new Greetings(service.port()).close();

      // The JVM's own for SIGTERM.
      assertThat(service.stop()).isEqualTo(143);
    }
  }
}
