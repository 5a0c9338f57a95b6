package dev.greeter.cli.error;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.convert.ConversionFailedException;
import org.springframework.core.io.Resource;
import org.springframework.stereotype.Component;
import org.springframework.util.PlaceholderResolutionException;

/**
 * Refuses settings that cannot be read, and those set to nothing where nothing is no value. Of the
 * first Spring Boot prints the value, which may be a secret that is in the wrong place; the others
 * it takes for not set, and passes over their defaults.
 */
@Component
public final class ReadableSettings implements ConfigurationPropertiesBindHandlerAdvisor {

  @Override
  public BindHandler apply(BindHandler parent) {
    return new AbstractBindHandler(parent) {

      @Override
      public @Nullable Object onFailure(
          ConfigurationPropertyName name, Bindable<?> target, BindContext context, Exception error)
          throws Exception {
        if (error instanceof ConversionFailedException
            || error instanceof PlaceholderResolutionException) {
          throw refused(name, target);
        }
        return super.onFailure(name, target, context, error);
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
              throw refused(name, target);
            }
          }
        }
        super.onFinish(name, target, context, result);
      }
    };
  }

  private static InvalidSettingException refused(
      ConfigurationPropertyName property, Bindable<?> target) {
    String variable = property.toString().toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
    String wanted = wanted(target.getType().resolve(Object.class));
    return new InvalidSettingException(
        "%s (environment variable %s) is not %s.".formatted(property, variable, wanted),
        "Set %s to %s.".formatted(variable, wanted));
  }

  private static String wanted(Class<?> type) {
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type == Resource.class) {
      return "a file, such as file:/certificates/tls.pem";
    }
    if (type.isEnum()) {
      return "one of " + Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT);
    }
    return "a legal value";
  }
}
