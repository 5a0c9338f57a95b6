package dev.greeter.service.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.guard.fixture.Certificates;
import dev.greeter.guard.setting.InvalidSettingException;
import dev.greeter.service.RunningService;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The settings of TLS beside the files: each counts, or is refused. */
class TlsOptionsTest {

  private static final String AES_128 = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
  private static final String AES_256 = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";

  @TempDir private static Path directory;
  private static Certificates certificates;

  @BeforeAll
  static void makeCertificate() throws Exception {
    certificates = new Certificates(directory);
    certificates.make("served");
  }

  @ParameterizedTest
  @CsvSource({
    "'', true, true",
    "TLSv1.3, true, false",
    "TLSv1.2, false, true",
    "'TLSv1.2,TLSv1.3', true, true",
    "TLSv1.3 TLSv1.2, true, true",
  })
  void takesTheVersionsThatAreSet(String protocols, boolean tls13, boolean tls12) throws Exception {
    try (var service = start(Map.of("PROTOCOLS", protocols))) {
      assertThat(takes(service, "TLSv1.3")).isEqualTo(tls13);
      assertThat(takes(service, "TLSv1.2")).isEqualTo(tls12);
    }
  }

  @Test
  void takesTheCiphersThatAreSet() throws Exception {
    try (var service = start(Map.of("CIPHERS", AES_256 + ", TLS_AES_256_GCM_SHA384"))) {
      try (var client = new TlsClient(service.port())) {
        assertThat(client.handshake().agreed()).isEqualTo("TLSv1.3 TLS_AES_256_GCM_SHA384");
      }
      try (var client = new TlsClient(service.port()).ciphers(AES_128, AES_256)) {
        assertThat(client.handshake().agreed()).isEqualTo("TLSv1.2 " + AES_256);
      }
      try (var client = new TlsClient(service.port()).ciphers(AES_128)) {
        assertThatThrownBy(client::handshake).isInstanceOf(SSLException.class);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "protocols, TLSv1.1, 'TLSv1.3,TLSv1.2'",
    "protocols, 'TLSv1.3,marker', 'TLSv1.3,TLSv1.2'",
    "protocols, tlsv1.3, 'TLSv1.3,TLSv1.2'",
    "ciphers, marker, TLS_AES_",
    // HTTP/2 forbids it.
    "ciphers, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, TLS_AES_",
    "key-store, file:marker, grpc.server.security.private-key",
    "key-store-format, marker, grpc.server.security.certificate-chain",
    "key-store-password, marker, grpc.server.security.private-key",
    "trust-store, file:marker, grpc.server.security.trust-cert-collection",
    "trust-store-format, marker, grpc.server.security.trust-cert-collection",
    "trust-store-password, marker, grpc.server.security.trust-cert-collection",
  })
  void refusesWhatCannotCount(String name, String value, String wanted) {
    String variable = "GRPC_SERVER_SECURITY_" + name.replace('-', '_').toUpperCase(Locale.ROOT);

    assertThatThrownBy(() -> start(Map.of(variable.substring(21), value)).close())
        .rootCause()
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
  void refusesCiphersOfOtherVersionsOnly() {
    assertThatThrownBy(() -> start(Map.of("PROTOCOLS", "TLSv1.3", "CIPHERS", AES_128)).close())
        .rootCause()
        .hasMessageContainingAll("GRPC_SERVER_SECURITY_CIPHERS", "grpc.server.security.protocols");
  }

  private static RunningService start(Map<String, String> settings) {
    var variables = new HashMap<>(certificates.variables("served"));
    settings.forEach((name, value) -> variables.put("GRPC_SERVER_SECURITY_" + name, value));
    return new RunningService(variables);
  }

  private static boolean takes(RunningService service, String version) throws Exception {
    try (var client = new TlsClient(service.port()).versions(version)) {
      client.handshake();
      return true;
    } catch (SSLException e) {
      return false;
    }
  }
}
