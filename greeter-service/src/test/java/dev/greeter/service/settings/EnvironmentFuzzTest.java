package dev.greeter.service.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import dev.greeter.settings.CollectorSettings;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.springframework.mock.env.MockEnvironment;

/** Fuzzes the service's environment variables. */
class EnvironmentFuzzTest {

  private final BoundSettings settings = new BoundSettings();
  private final String[] names = settings.variables().keySet().toArray(String[]::new);

  EnvironmentFuzzTest() throws Exception {}

  @Property(runs = 300)
  void hidesValuesOfRejectedSettings(Input input) {
    Map<String, String> variables = new HashMap<>();
    for (int more = input.below(3); more >= 0; more--) {
      String name = input.pick("LOGGING_STRUCTURED_FORMAT_CONSOLE", input.pick(names));
      variables.put(
          name,
          input.pick("", "1", "-1", "9223372036854775807") + input.text("s", "KB", "${", "}"));
    }

    var refused = settings.refused(variables);
    if (refused != null) {
      Input.assertHidden(refused.getMessage() + refused.action());
      assertThat(String.join(" ", variables.keySet()))
          .contains(refused.action().replaceFirst("Set (\\w+?)(_\\d)? to .*", "$1"));
    }
  }

  @Property
  void acceptsOnlyCollectorAddressesWithHost(Input input) {
    String address =
        input.text("http", "https", "://", "collector", "[::1]", "@", ":4317", "/", "%", "65536");
    var environment = new MockEnvironment().withProperty("otel.exporter.otlp.endpoint", address);

    Input.read(() -> CollectorSettings.exporters("any", environment))
        .filter(properties -> !properties.isEmpty())
        .ifPresent(properties -> assertThat(URI.create(address).getHost()).isNotEmpty());
  }
}
