package dev.greeter.service.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Of whatever environment variables say of secrets. */
class SecretsInVariablesFuzzTest {

  @Property(runs = 1000)
  void areRefusedWithoutBeingShownOrCount(Input input) {
    Map<String, Object> variables = new HashMap<>();
    while (input.hasMore()) {
      variables.put(
          input.pick("GREETER_AUTH_VALUE", "GREETER_AUTH_PREVIOUS_VALUE"),
          input.text("s3cret", "42", "sha256:", "${", "}", "#{1}"));
    }
    var environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .replace(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
    ConfigurationPropertySources.attach(environment);
    var settings = new AuthenticationProperties("authorization", null, null, Set.of());

    Input.read(() -> settings.secrets(environment))
        .ifPresent(
            secrets -> {
              Object set = Objects.requireNonNull(variables.get("GREETER_AUTH_VALUE"));
              String value = set.toString();
              assertThat(secrets.contains(value) || value.equals("42")).isTrue();
            });
  }
}
