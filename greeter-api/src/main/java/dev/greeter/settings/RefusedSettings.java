package dev.greeter.settings;

import com.google.common.base.Throwables;
import com.google.common.collect.Iterables;
import dev.greeter.guard.InvalidSettingException;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Reports the invalid setting and what it expects. Spring Boot's own analyzer names classes and
 * prints the value, which may be a misplaced secret. Each program registers this class in its
 * {@code spring.factories}.
 *
 * <p>As a bean, it rejects empty values for settings that must not be empty. Spring Boot would
 * treat them as unset but skip the default in {@code application.yml}: a limit would be 0, TLS
 * would be off and the port would differ.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
public final class RefusedSettings
    implements FailureAnalyzer, ConfigurationPropertiesBindHandlerAdvisor {

  @Override
  public @Nullable FailureAnalysis analyze(Throwable failure) {
    InvalidSettingException refused = find(failure);
    return refused == null ? null : analysis(refused);
  }

  /** Returns the printed report. It omits the cause, which may show the value. */
  public static FailureAnalysis analysis(InvalidSettingException refused) {
    return new FailureAnalysis(refused.getMessage(), refused.action(), refused);
  }

  /**
   * Finds the setting that caused a failure.
   *
   * @return the problem with it; null if no setting caused the failure
   */
  public static @Nullable InvalidSettingException find(Throwable failure) {
    var causes = Throwables.getCausalChain(failure);
    var bound = Iterables.getLast(Iterables.filter(causes, BindException.class), null);
    var refused = Iterables.getLast(Iterables.filter(causes, InvalidSettingException.class), null);
    if (bound == null) {
      return refused;
    }
    return (refused == null ? illegal(bound.getTarget()) : refused)
        .withPrefix(bound.getName().toString());
  }

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
        if (value == null
            && Iterables.any(at.getSources(), s -> s.getConfigurationProperty(name) != null)) {
          throw illegal(target);
        }
        super.onFinish(name, target, at, value);
      }
    };
  }

  private static InvalidSettingException illegal(Bindable<?> target) {
    Class<?> type = target.getType().resolve(Object.class);
    String wanted =
        switch (type.getSimpleName()) {
          case "Duration" -> "a duration such as 10s";
          case "DataSize" -> "a size such as 64KB";
          case "boolean", "Boolean" -> "true or false";
          case "int" -> "a whole number";
          case "Resource" -> "a file, such as file:/certificates/tls.pem";
          default -> "a legal value";
        };
    return InvalidSettingException.isNot(
        "",
        type.isEnum()
            ? "one of " + Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT)
            : wanted);
  }
}
