package dev.greeter.service.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.Bytes;
import dev.greeter.guard.BoundedFile;
import dev.greeter.guard.InvalidSettingException;
import dev.greeter.guard.fixture.Certificates;
import dev.greeter.service.RunningService;
import io.grpc.netty.shaded.io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLHandshakeException;
import net.devh.boot.grpc.server.config.GrpcServerProperties.Security;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The TLS settings, and clients whose handshake fails. */
@ExtendWith(OutputCaptureExtension.class)
class ServerTlsTest {

  private static final String AES_128 = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
  private static final String AES_256 = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
  private static final String AES_256_OF_TLS_13 = "TLS_AES_256_GCM_SHA384";

  @TempDir private static Path directory;
  private static Certificates certificates;

  @BeforeAll
  static void makeCertificates() throws Exception {
    certificates = new Certificates(directory);
    certificates.make("served");
    certificates.make("renewed");
  }

  @ParameterizedTest
  @CsvSource({
    "'', 'TLSv1.3 TLSv1.2'",
    "TLSv1.3, TLSv1.3",
    "TLSv1.2, TLSv1.2",
    "'TLSv1.2,TLSv1.3', 'TLSv1.2 TLSv1.3'",
    "TLSv1.3 TLSv1.2, 'TLSv1.3 TLSv1.2'",
  })
  void enablesConfiguredTlsVersions(String protocols, String expected) throws Exception {
    assertThat(engine(Map.of("protocols", protocols)).getEnabledProtocols())
        .containsExactlyInAnyOrder(expected.split(" "));
  }

  @Test
  void enablesConfiguredOrAllSafeCiphers() throws Exception {
    assertThat(engine(Map.of("ciphers", AES_256 + "," + AES_256_OF_TLS_13)))
        .extracting(SSLEngine::getEnabledCipherSuites)
        .isEqualTo(new String[] {AES_256, AES_256_OF_TLS_13});
    assertThat(engine(Map.of()).getEnabledCipherSuites())
        .contains(AES_128, AES_256, AES_256_OF_TLS_13)
        .noneMatch(cipher -> cipher.contains("_CBC_"));
  }

  @ParameterizedTest
  @CsvSource({
    "protocols, TLSv1.1, TLSv1.3",
    "protocols, 'TLSv1.3,marker', TLSv1.3",
    "protocols, tlsv1.3, TLSv1.3",
    "ciphers, marker, TLS_AES_",
    // HTTP/2 forbids it.
    "ciphers, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, TLS_AES_",
    "key-store, file:marker, grpc.server.security.certificate-chain",
    "trust-store, file:marker, grpc.server.security.trust-cert-collection",
  })
  void rejectsUnsupportedSettings(String name, String value, String wanted) {
    String variable = "GRPC_SERVER_SECURITY_" + name.replace('-', '_').toUpperCase(Locale.ROOT);

    assertThatThrownBy(() -> engine(Map.of(name, value)))
        .isInstanceOfSatisfying(
            InvalidSettingException.class,
            refused -> {
              assertThat(refused.getMessage())
                  .startsWith(
                      "grpc.server.security.%s (environment variable %s) "
                          .formatted(name, variable))
                  .doesNotContain(value, "marker", "\n");
              assertThat(refused.action())
                  .startsWith("Set " + variable + " to ")
                  .contains(wanted)
                  .doesNotContain("marker", "\n");
            });
  }

  @Test
  void rejectsCiphersOfDisabledVersions() {
    assertThatThrownBy(() -> engine(Map.of("protocols", "TLSv1.3", "ciphers", AES_128)))
        .hasMessageContainingAll("GRPC_SERVER_SECURITY_CIPHERS", "grpc.server.security.protocols");
  }

  @Test
  void rejectsKeyThatDoesNotMatchCertificate() throws Exception {
    byte[] certificate = Files.readAllBytes(directory.resolve("served.pem"));
    byte[] other = Files.readAllBytes(directory.resolve("renewed.key"));
    var found = new ServerCertificates(security("served"));

    assertThatThrownBy(() -> found.context(List.of(certificate, other)))
        .hasMessageEndingWith("names a key that does not match the certificate.");
  }

  @Test
  void rejectsChainNotStartingWithOwnCertificate() throws Exception {
    byte[] wrongOrder =
        Bytes.concat(
            Files.readAllBytes(directory.resolve("renewed.pem")),
            Files.readAllBytes(directory.resolve("served.pem")));
    byte[] key = Files.readAllBytes(directory.resolve("served.key"));
    var found = new ServerCertificates(security("served"));

    assertThatThrownBy(() -> found.context(List.of(wrongOrder, key)))
        .hasMessageContaining("GRPC_SERVER_SECURITY_CERTIFICATE_CHAIN")
        .hasMessageEndingWith("does not begin with the service's own certificate.");
  }

  @Test
  void rejectsEncryptedKeyWithoutPassword() throws Exception {
    byte[] certificate = Files.readAllBytes(directory.resolve("served.pem"));
    byte[] key =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n"
            .getBytes(US_ASCII);
    var found = new ServerCertificates(security("served"));

    assertThatThrownBy(() -> found.context(List.of(certificate, key)))
        .hasMessageContaining("GRPC_SERVER_SECURITY_PRIVATE_KEY")
        .hasMessageEndingWith("grpc.server.security.private-key-password does not decrypt.");
  }

  @Test
  void warnsBeforeCertificateExpiry(CapturedOutput output) {
    var inAFewWeeks = Instant.now().plus(Duration.ofDays(84));

    new ServerTls(security("served"), () -> inAFewWeeks).close();

    assertThat(output).containsOnlyOnce("These certificates expire within a week: CN=served (");
  }

  /** Replaces a file by one with the same date, like {@code cp -p}. */
  @Test
  void reloadsCertificatesAndInvalidatesSessions() throws Exception {
    certificates.make("client");
    Files.copy(directory.resolve("client.pem"), directory.resolve("cas.pem"));
    for (String file : List.of(".pem", ".key")) {
      Files.copy(directory.resolve("served" + file), directory.resolve("first" + file));
    }
    var variables = new HashMap<>(certificates.variables("first"));
    variables.put("GRPC_SERVER_SECURITY_CLIENT_AUTH", "require");
    variables.put("GRPC_SERVER_SECURITY_TRUST_CERT_COLLECTION", certificates.url("cas.pem"));
    var client = TlsClient.context(new ServerCertificates(security("client")).identity());
    var other = TlsClient.context(new ServerCertificates(security("renewed")).identity());
    try (var service = new RunningService(variables)) {
      assertThat(served(service, client)).isEqualTo("CN=served");
      // Its alert, or the error of a connection that ends before the client reads it.
      assertThatThrownBy(() -> served(service, other)).isInstanceOf(IOException.class);

      for (String file : List.of("first.pem", "first.key", "cas.pem")) {
        certificates.replace(file, file.endsWith("key") ? "renewed.key" : "renewed.pem");
      }
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .ignoreExceptions()
          .untilAsserted(() -> assertThat(served(service, other)).isEqualTo("CN=renewed"));
      assertThatThrownBy(() -> served(service, client)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void rejectsRenegotiationAndLogsNoPeerData(CapturedOutput output) throws Exception {
    try (var service = new RunningService(certificates.variables("served"))) {
      assertNoRenegotiation(service.port());

      long start = System.nanoTime();
      for (int i = 0; i < 20; i++) {
        // An invalid name, which the JVM's message repeats twice.
        try (var client = new TlsClient(service.port()).serverName("marker of the peer\n")) {
          assertThatThrownBy(client::handshake).isInstanceOf(IOException.class);
        }
      }
      Awaitility.await().until(() -> output.getAll().contains("has failed: Illegal"));
      long seconds = Duration.ofNanos(System.nanoTime() - start).toSeconds();

      assertThat(output.getAll().lines().filter(line -> line.contains("has failed: Illegal")))
          .hasSizeLessThanOrEqualTo((int) seconds / 2 + 2)
          .allMatch(
              line -> line.endsWith("has failed: Illegal server name, IllegalArgumentException"));
      assertThat(output.getAll())
          .doesNotContain("marker", HexFormat.of().formatHex("marker".getBytes(ISO_8859_1)))
          .doesNotContain("\tat ");
    }
  }

  @Test
  void logsPlaintextPeerWithoutItsData(CapturedOutput output) throws Exception {
    try (var service = new RunningService(certificates.variables("served"));
        var socket = new Socket("127.0.0.1", service.port())) {
      socket.getOutputStream().write("marker".getBytes(US_ASCII));
      socket.getInputStream().readAllBytes();

      Awaitility.await().until(() -> output.getAll().contains("has failed: it does not use TLS"));
      assertThat(output.getAll())
          .doesNotContain("marker", HexFormat.of().formatHex("marker".getBytes(US_ASCII)))
          .doesNotContain("\tat ");
    }
  }

  /** Each renegotiation in TLS 1.2 would cost a signature. */
  private static void assertNoRenegotiation(int port) throws Exception {
    try (var client = new TlsClient(port).versions("TLSv1.2")) {
      client.handshake();
      client.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
      client.write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
      assertThat(client.read()).isNotNegative();

      assertThatThrownBy(
              () -> {
                client.handshake();
                while (client.read() >= 0) {
                  // Data that the service sent before.
                }
              })
          .isInstanceOf(SSLHandshakeException.class)
          .hasMessageContaining("Received fatal alert: handshake_failure");
    }
  }

  /** Returns the name in the service's certificate after receiving some data. */
  private static String served(RunningService service, SSLContext context) throws Exception {
    try (var client = new TlsClient(service.port(), context)) {
      client.handshake().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
      assertThat(client.read()).isNotNegative();
      return client.certificate();
    }
  }

  private static SSLEngine engine(Map<String, String> settings) throws Exception {
    Map<String, String> all = new HashMap<>(certificates.variables("served"));
    settings.forEach(
        (name, value) ->
            all.put(
                "GRPC_SERVER_SECURITY_" + name.replace('-', '_').toUpperCase(Locale.ROOT), value));
    Security security = security(all);
    var certificates = new ServerCertificates(security);
    return ServerTls.context(
            security,
            certificates.context(certificates.files().stream().map(BoundedFile::read).toList()))
        .newEngine(UnpooledByteBufAllocator.DEFAULT);
  }

  private static Security security(String name) {
    return security(certificates.variables(name));
  }

  private static Security security(Map<String, String> variables) {
    var source = new MapConfigurationPropertySource();
    variables.forEach(
        (name, value) ->
            source.put(
                name.replace("GRPC_SERVER_SECURITY_", "tls.")
                    .replace('_', '-')
                    .toLowerCase(Locale.ROOT),
                value));
    return new Binder(source).bind("tls", Security.class).get();
  }
}
