package dev.greeter.service.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.Certificates;
import dev.greeter.service.RunningService;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A certificate that is replaced by one with the same date, as {@code cp -p} does. */
class RenewedCertificateTest {

  @TempDir private Path directory;

  @Test
  void countsForNewConnectionsOnceItsKeyIsThere() throws Exception {
    var certificates = new Certificates(directory);
    certificates.make("first");
    certificates.make("second");
    try (var service = new RunningService(certificates.variables("first"))) {
      assertThat(served(service)).isEqualTo("CN=first");

      certificates.replace("first.pem", "second.pem");
      Thread.sleep(3_000);
      assertThat(served(service)).isEqualTo("CN=first");

      certificates.replace("first.key", "second.key");
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(() -> assertThat(served(service)).isEqualTo("CN=second"));
    }
  }

  private static String served(RunningService service) throws Exception {
    try (var client = new TlsClient(service.port())) {
      return client.handshake().certificate();
    }
  }
}
