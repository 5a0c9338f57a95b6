package dev.greeter.service.connection;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.Certificates;
import dev.greeter.service.RunningService;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What the log says of clients whose handshake fails. */
@ExtendWith(OutputCaptureExtension.class)
class HandshakeLogTest {

  private static final String MARKER = "marker of the peer\n";

  @TempDir private Path directory;

  @Test
  void hasALineInTwoSecondsAndNothingOfThePeer(CapturedOutput output) throws Exception {
    var certificates = new Certificates(directory);
    certificates.make("served");
    try (var service = new RunningService(certificates.variables("served"))) {
      long start = System.nanoTime();
      for (int i = 0; i < 1000; i++) {
        fail(service.port());
      }
      Awaitility.await().until(() -> output.getAll().contains("has failed"));
      Thread.sleep(500);
      long seconds = Duration.ofNanos(System.nanoTime() - start).toSeconds();

      assertThat(output.getAll().lines().filter(line -> line.contains("has failed")))
          .hasSizeLessThanOrEqualTo((int) seconds / 2 + 1)
          .allMatch(
              line -> line.endsWith("has failed: Illegal server name, IllegalArgumentException"));
      assertThat(output.getAll())
          .doesNotContain("marker", HexFormat.of().formatHex("marker".getBytes(ISO_8859_1)))
          .doesNotContain("\tat ");
    }
  }

  /** Asks for a host by a name that is none, which the JVM's message repeats, twice. */
  private static void fail(int port) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(clientHello(MARKER.getBytes(ISO_8859_1)));
      socket.getInputStream().readAllBytes();
    } catch (SocketException reset) {
      // The end of the connection, too.
    }
  }

  /** A ClientHello of TLS 1.2 (RFC 5246, 7.4.1.2) with a server name (RFC 6066, 3). */
  private static byte[] clientHello(byte[] name) {
    byte[] entry = bytes(new byte[] {0}, sized(2, name));
    byte[] extensions = sized(2, bytes(new byte[] {0, 0}, sized(2, sized(2, entry))));
    byte[] body =
        bytes(
            new byte[] {3, 3},
            new byte[32],
            sized(1),
            sized(2, new byte[] {(byte) 0xC0, 0x2B}),
            sized(1, new byte[] {0}),
            extensions);
    return bytes(new byte[] {22, 3, 1}, sized(2, bytes(new byte[] {1}, sized(3, body))));
  }

  private static byte[] sized(int bytesOfSize, byte... content) {
    var sized = new ByteArrayOutputStream();
    for (int i = bytesOfSize - 1; i >= 0; i--) {
      sized.write(content.length >> 8 * i);
    }
    sized.writeBytes(content);
    return sized.toByteArray();
  }

  private static byte[] bytes(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
