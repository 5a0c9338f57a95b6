package dev.greeter.service.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import dev.greeter.guard.setting.InvalidSettingException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeSet;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.env.PropertiesPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.type.filter.AnnotationTypeFilter;

/** Of whatever environment variables the service is started with. */
class EnvironmentFuzzTest {

  private static final String VARIABLES =
      StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;

  private final Properties defaults = new Properties();
  private final String[] names;
  private final List<Class<?>> records = new ArrayList<>();
  private final BindHandler handler = new SettingsThatAreSet().apply(BindHandler.DEFAULT);

  EnvironmentFuzzTest() throws Exception {
    var yaml = new YamlPropertiesFactoryBean();
    yaml.setResources(new ClassPathResource("application.yml"));
    defaults.putAll(Objects.requireNonNull(yaml.getObject()));
    names =
        new TreeSet<>(defaults.stringPropertyNames())
            .stream()
                .map(name -> name.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"))
                .map(name -> name.replaceAll("\\[(\\d)]", "_$1"))
                .toArray(String[]::new);
    var scanner = new ClassPathScanningCandidateComponentProvider(false);
    scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
    for (var found : scanner.findCandidateComponents("dev.greeter.service")) {
      records.add(Class.forName(found.getBeanClassName()));
    }
    assertThat(records).hasSize(5);
  }

  @Property(runs = 300)
  void settingsAreRefusedWithoutBeingShownOrBound(Input input) {
    Map<String, Object> variables = new HashMap<>();
    for (int more = input.below(3); more >= 0; more--) {
      String name = input.pick("LOGGING_STRUCTURED_FORMAT_CONSOLE", input.pick(names));
      variables.put(
          name,
          input.pick("", "1", "-1", "9223372036854775807") + input.text("s", "KB", "${", "}"));
    }

    try {
      start(variables);
    } catch (RuntimeException e) {
      InvalidSettingException refused = RefusedSettingFailureAnalyzer.refused(e);
      if (refused == null) {
        throw e;
      }
      Input.assertHidden(refused.getMessage() + refused.action());
      assertThat(String.join(" ", variables.keySet()))
          .contains(refused.action().replaceFirst("Set (\\w+?)(_\\d)? to .*", "$1"));
    }
  }

  private void start(Map<String, Object> variables) {
    var environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .replace(VARIABLES, new SystemEnvironmentPropertySource(VARIABLES, variables));
    environment.getPropertySources().addLast(new PropertiesPropertySource("defaults", defaults));
    ConfigurationPropertySources.attach(environment);
    new EarlySettings().postProcessEnvironment(environment, new SpringApplication());
    var binder = Binder.get(environment, handler);
    for (Class<?> type : records) {
      String prefix = type.getAnnotation(ConfigurationProperties.class).value();
      binder.bind(prefix, Bindable.of(type), handler);
    }
    var starter = new GrpcServerProperties();
    binder.bind("grpc.server", Bindable.ofInstance(starter), handler);
    assertThat(new StarterSettings(starter)).isNotNull();
  }
}
