package dev.greeter.service.error;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

/**
 * Refuses what is set to nothing where nothing is no value. Spring Boot takes that for not set, and
 * passes over the default in {@code application.yml}: a limit would be 0, TLS off, the port
 * another.
 */
final class SettingsThatAreSet extends AbstractBindHandler {

  SettingsThatAreSet(BindHandler parent) {
    super(parent);
  }

  @Override
  public void onFinish(
      ConfigurationPropertyName name,
      Bindable<?> target,
      BindContext context,
      @Nullable Object result)
      throws Exception {
    if (result == null) {
      for (var source : context.getSources()) {
        if (source.getConfigurationProperty(name) != null) {
          Class<?> type = target.getType().resolve(Object.class);
          throw InvalidSetting.isNot(name.toString(), InvalidSetting.wanted(type));
        }
      }
    }
    super.onFinish(name, target, context, result);
  }
}
