package dev.greeter.service.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.guard.InvalidSettingException;
import dev.greeter.guard.fixture.Certificates;
import dev.greeter.service.RunningService;
import dev.greeter.settings.RefusedSettings;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.BindException;

/** The image's health probe, with the service's variables. */
class HealthProbeTest {

  @TempDir private static Path directory;
  private static Map<String, String> mutualTls;

  @BeforeAll
  static void makeCertificates() throws Exception {
    var certificates = new Certificates(directory);
    certificates.make("served");
    certificates.make("client");
    mutualTls = new HashMap<>();
    mutualTls.put("GRPC_SERVER_SECURITY_ENABLED", "yes");
    mutualTls.put("GRPC_SERVER_SECURITY_CERTIFICATECHAIN", certificates.url("served.pem"));
    mutualTls.put("GRPC_SERVER_SECURITY_PRIVATEKEY", certificates.url("served.key"));
    mutualTls.put("GRPC_SERVER_SECURITY_CLIENTAUTH", "Require");
    mutualTls.put("GRPC_SERVER_SECURITY_TRUSTCERTCOLLECTION", certificates.url("served.pem"));
  }

  @Test
  void presentsServiceCertificate() {
    try (var service = new RunningService(mutualTls)) {
      Map<String, String> variables = at(service, mutualTls);
      assertThat(ask(variables)).isEqualTo(ServingStatus.SERVING);

      variables.remove("GRPC_SERVER_SECURITY_CLIENTAUTH");
      assertThatThrownBy(() -> ask(variables))
          .isInstanceOf(StatusRuntimeException.class)
          .extracting(e -> Status.fromThrowable(e).getCode())
          .isEqualTo(Code.UNAVAILABLE);
    }
  }

  @Test
  void reachesServiceOnWildcardAddress() {
    try (var service = new RunningService(Map.of())) {
      for (String address : List.of("*", "0.0.0.0", "::")) {
        Map<String, String> variables = at(service, Map.of("GRPC_SERVER_ADDRESS", address));

        assertThat(ask(variables)).as(address).isEqualTo(ServingStatus.SERVING);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GRPC_SERVER_PORT, marker",
    "GRPC_SERVER_PORT, 99999",
    "GRPC_SERVER_ADDRESS, marker",
    "GRPC_SERVER_ADDRESS, ''",
    "GRPC_SERVER_SECURITY_ENABLED, marker",
    "GRPC_SERVER_SECURITY_CLIENT_AUTH, marker",
    "GRPC_SERVER_SECURITY_CERTIFICATE_CHAIN, marker",
    "GRPC_SERVER_SECURITY_PRIVATE_KEY, file:/marker",
  })
  void namesInvalidSettingWithoutItsValue(String variable, String value) {
    Map<String, String> variables = new HashMap<>();
    mutualTls.forEach(
        (name, each) ->
            variables.put(
                name.replace("ECHAIN", "E_CHAIN")
                    .replace("EKEY", "E_KEY")
                    .replace("TAUTH", "T_AUTH"),
                each));
    variables.put(variable, value);

    assertThatThrownBy(() -> HealthProbe.ask(HealthProbe.settings(variables)))
        .isInstanceOfAny(InvalidSettingException.class, BindException.class)
        .extracting(e -> Objects.requireNonNull(RefusedSettings.find(e)).getMessage())
        .asString()
        .contains("(environment variable " + variable + ") ")
        .doesNotContain("marker", "99999");
  }

  private static Map<String, String> at(RunningService service, Map<String, String> variables) {
    Map<String, String> all = new HashMap<>(variables);
    all.put("GRPC_SERVER_PORT", "" + service.port());
    all.putIfAbsent("GRPC_SERVER_ADDRESS", "127.0.0.1");
    return all;
  }

  /** The probe waits for two seconds; if that is too short, the container engine retries. */
  private static ServingStatus ask(Map<String, String> variables) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptionsMatching(e -> Status.fromThrowable(e).getCode() == Code.DEADLINE_EXCEEDED)
        .until(() -> HealthProbe.ask(HealthProbe.settings(variables)), status -> true);
  }
}
