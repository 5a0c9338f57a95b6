package dev.greeter.service.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.guard.InvalidSettingException;
import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import dev.greeter.service.server.ServerCertificates;
import dev.greeter.settings.RefusedSettings;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.BindException;

/** Fuzzes the probe's environment variables. */
class HealthProbeFuzzTest {

  @Test
  void rejectsAddressOfMissingInterface() {
    assertThatThrownBy(() -> HealthProbe.settings(Map.of("GRPC_SERVER_ADDRESS", "::1%nowhere")))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("GRPC_SERVER_ADDRESS");
  }

  @Property
  void hidesValuesOfRejectedSettings(Input input) throws Exception {
    Map<String, String> variables = new HashMap<>();
    variables.put(
        "GRPC_SERVER_ADDRESS",
        input.pick("127.0.0.1", "::1", "*", "") + input.pick("", "%lo", "%eth9", input.text("%")));
    for (int more = input.below(4); more > 0; more--) {
      String name =
          input.pick(
              "PORT",
              "SECURITY_ENABLED",
              "SECURITY_CLIENT_AUTH",
              "SECURITY_CERTIFICATE_CHAIN",
              "SECURITY_PRIVATE_KEY",
              "SECURITY_TRUST_STORE");
      variables.put(
          "GRPC_SERVER_" + name,
          input.pick("50051", "true", "require", "file:", "")
              + input.pick("", input.text("http://", "classpath:", "/", "-1", "${")));
    }

    try {
      var settings = HealthProbe.settings(variables);
      assertThat(HealthProbe.address(settings.getAddress())).isNotNull();
      assertThat(settings.getPort()).isBetween(0, 65_535);
      assertThat(new ServerCertificates(settings.getSecurity())).isNotNull();
    } catch (InvalidSettingException | BindException e) {
      var refused = Objects.requireNonNull(RefusedSettings.find(e));
      Input.assertHidden(refused.getMessage() + refused.action());
    }
  }
}
