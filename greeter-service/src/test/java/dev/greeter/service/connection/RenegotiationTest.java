package dev.greeter.service.connection;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.guard.fixture.Certificates;
import dev.greeter.service.RunningService;
import java.nio.file.Path;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that begins another handshake on its connection, each of which costs a signature. */
class RenegotiationTest {

  @TempDir private Path directory;

  @Test
  void endsTheConnection() throws Exception {
    var certificates = new Certificates(directory);
    certificates.make("served");
    try (var service = new RunningService(certificates.variables("served"));
        var client = new TlsClient(service.port()).versions("TLSv1.2")) {
      client.handshake();
      client.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
      client.write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
      assertThat(client.read()).isNotNegative();

      assertThatThrownBy(
              () -> {
                client.handshake();
                while (client.read() >= 0) {
                  // What the service has sent before.
                }
              })
          .isInstanceOf(SSLHandshakeException.class)
          .hasMessageContaining("Received fatal alert: handshake_failure");
    }
  }
}
