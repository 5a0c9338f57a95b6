package dev.greeter.cli.error;

import com.google.common.base.Throwables;
import com.google.common.collect.Iterables;
import dev.greeter.guard.setting.InvalidSettingException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.convert.ConversionFailedException;
import org.springframework.stereotype.Component;
import org.springframework.util.PlaceholderResolutionException;

/**
 * Refuses settings that cannot be read or used, and those set to nothing where nothing is no value.
 * Of the first Spring Boot prints the value, which may be a secret that is in the wrong place; the
 * last it takes for not set, and passes over their defaults.
 */
@Component
public final class ReadableSettings implements ConfigurationPropertiesBindHandlerAdvisor {

  @Override
  public BindHandler apply(BindHandler parent) {
    return new Refusing(parent);
  }

  private static final class Refusing extends AbstractBindHandler {

    private Refusing(BindHandler parent) {
      super(parent);
    }

    @Override
    public @Nullable Object onFailure(
        ConfigurationPropertyName name, Bindable<?> type, BindContext context, Exception error)
        throws Exception {
      if (error instanceof ConversionFailedException
          || error instanceof PlaceholderResolutionException) {
        throw unreadable(name, type);
      }
      for (Throwable cause : Throwables.getCausalChain(error)) {
        if (cause instanceof InvalidSettingException setting) {
          throw new RefusedSettingException(setting.under(name.toString()));
        }
      }
      return super.onFailure(name, type, context, error);
    }

    @Override
    public void onFinish(
        ConfigurationPropertyName key, Bindable<?> type, BindContext bind, @Nullable Object value)
        throws Exception {
      if (value == null
          && Iterables.any(bind.getSources(), s -> s.getConfigurationProperty(key) != null)) {
        throw unreadable(key, type);
      }
      super.onFinish(key, type, bind, value);
    }
  }

  private static RefusedSettingException unreadable(
      ConfigurationPropertyName name, Bindable<?> type) {
    String wanted = InvalidSettingException.wanted(type.getType().resolve(Object.class));
    return new RefusedSettingException(InvalidSettingException.isNot(name.toString(), wanted));
  }
}
