package dev.greeter.service.settings;

import dev.greeter.guard.setting.InvalidSettingException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.stereotype.Component;

/**
 * Refuses what is set to nothing where nothing is no value. Spring Boot takes that for not set, and
 * passes over the default in {@code application.yml}: a limit would be 0, TLS off, the port
 * another.
 */
@Component
public final class SettingsThatAreSet implements ConfigurationPropertiesBindHandlerAdvisor {

  @Override
  public BindHandler apply(BindHandler parent) {
    return new AbstractBindHandler(parent) {
      @Override
      public void onFinish(
          ConfigurationPropertyName name,
          Bindable<?> target,
          BindContext at,
          @Nullable Object value)
          throws Exception {
        if (value == null) {
          for (var source : at.getSources()) {
            if (source.getConfigurationProperty(name) != null) {
              Class<?> type = target.getType().resolve(Object.class);
              throw InvalidSettingException.isNot("", InvalidSettingException.wanted(type));
            }
          }
        }
        super.onFinish(name, target, at, value);
      }
    };
  }
}
