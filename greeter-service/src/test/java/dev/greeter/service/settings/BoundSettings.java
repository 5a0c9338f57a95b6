package dev.greeter.service.settings;

import dev.greeter.guard.InvalidSettingException;
import dev.greeter.settings.RefusedSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
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

/** Binds the service's settings as at startup, without starting the service. */
final class BoundSettings {

  private static final String VARIABLES =
      StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;

  private final Properties defaults;
  private final List<Class<?>> records = new ArrayList<>();

  BoundSettings() throws ClassNotFoundException {
    var yaml = new YamlPropertiesFactoryBean();
    yaml.setResources(new ClassPathResource("application.yml"));
    defaults = Objects.requireNonNull(yaml.getObject());
    var scanner = new ClassPathScanningCandidateComponentProvider(false);
    scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
    for (var found : scanner.findCandidateComponents("dev.greeter.service")) {
      records.add(Class.forName(found.getBeanClassName()));
    }
  }

  /** Returns the variables in {@code application.yml} with their defaults. */
  TreeMap<String, String> variables() {
    var variables = new TreeMap<String, String>();
    defaults.forEach(
        (property, value) -> {
          String name = property.toString().replaceAll("\\[(\\d)]", "_$1");
          variables.put(name.replaceAll("[.-]", "_").toUpperCase(Locale.ROOT), value.toString());
        });
    return variables;
  }

  /** Binds all settings and returns the rejected one, or null. */
  @Nullable InvalidSettingException refused(Map<String, String> variables) {
    try {
      bind(Map.copyOf(variables));
      return null;
    } catch (RuntimeException e) {
      InvalidSettingException refused = RefusedSettings.find(e);
      if (refused == null) {
        throw e;
      }
      return refused;
    }
  }

  private void bind(Map<String, Object> variables) {
    var environment = new StandardEnvironment();
    var sources = environment.getPropertySources();
    sources.replace(VARIABLES, new SystemEnvironmentPropertySource(VARIABLES, variables));
    sources.addLast(new PropertiesPropertySource("defaults", defaults));
    ConfigurationPropertySources.attach(environment);
    new GrpcServerSettingsValidator().postProcessEnvironment(environment, new SpringApplication());
    BindHandler handler = new RefusedSettings().apply(BindHandler.DEFAULT);
    for (Class<?> type : records) {
      String prefix = type.getAnnotation(ConfigurationProperties.class).value();
      Binder.get(environment).bind(prefix, Bindable.of(type), handler);
    }
  }
}
