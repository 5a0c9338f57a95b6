package dev.greeter.guard.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.LogCapture;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Promise;
import java.security.NoSuchAlgorithmException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the line about a failed TLS handshake. */
class HandshakeLogTest {

  @RegisterExtension private final LogCapture log = new LogCapture();

  private final HandshakeLog handshakes = new HandshakeLog();

  @Test
  void logsPlaintextPeerWithoutItsData() throws Exception {
    report(new NotSslRecordException("not an SSL/TLS record: marker"));
    assertThat(log.warnings()).containsExactly("TLS with embedded has failed: it does not use TLS");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "(certificate_unknown) Received fatal alert: certificate_unknown"
            + "|(certificate_unknown) Received fatal alert: certificate_unknown",
        "No available SNI, marker.example: marker|No available SNI",
        "€|''"
      })
  void logsReasonWithoutPeerText(String message, String reason) throws Exception {
    report(new SSLHandshakeException(message));
    assertThat(log.warnings()).containsExactly("TLS with embedded has failed: " + reason);
  }

  @Test
  void logsCauseOfRepeatedFailuresOnce() throws Exception {
    Exception failure = new SSLHandshakeException("Empty client certificate chain");
    failure.initCause(new IllegalStateException("marker"));
    report(failure);
    report(failure);
    assertThat(log.warnings())
        .containsExactly(
            "TLS with embedded has failed: Empty client certificate chain, IllegalStateException");
  }

  @Test
  void logsNothingWithoutFailure() throws Exception {
    handshakes.report(new EmbeddedChannel());
    handshakes.report(connection());
    assertThat(log.warnings()).isEmpty();
  }

  private void report(Exception failure) throws NoSuchAlgorithmException {
    EmbeddedChannel connection = connection();
    SslHandler tls = connection.pipeline().get(SslHandler.class);
    ((Promise<?>) tls.handshakeFuture()).setFailure(failure);
    handshakes.report(connection);
  }

  private static EmbeddedChannel connection() throws NoSuchAlgorithmException {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine();
    engine.setUseClientMode(false);
    return new EmbeddedChannel(new SslHandler(engine));
  }
}
