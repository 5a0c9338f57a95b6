package dev.greeter.service.error;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.convert.ConversionFailedException;
import org.springframework.util.unit.DataSize;

/**
 * Says which setting cannot be read, and what can; Spring Boot's own analyzer names classes and
 * prints the value, which may be a secret that is in the wrong place.
 */
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
class UnreadableSettingFailureAnalyzer extends AbstractFailureAnalyzer<BindException> {

  @Override
  protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BindException cause) {
    var conversion = findCause(cause, ConversionFailedException.class);
    if (conversion == null) {
      return null;
    }
    String property = cause.getName().toString();
    String variable = InvalidSetting.variable(property);
    String wanted = wanted(conversion.getTargetType().getType());
    return new FailureAnalysis(
        "%s (environment variable %s) is not %s.".formatted(property, variable, wanted),
        "Set %s to %s.".formatted(variable, wanted),
        cause);
  }

  private static String wanted(Class<?> type) {
    if (type == Duration.class) {
      return "a duration such as 10s";
    }
    if (type == DataSize.class) {
      return "a size such as 64KB";
    }
    if (type.isEnum()) {
      return "one of " + Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT);
    }
    return type == int.class ? "a whole number" : "a " + type.getSimpleName();
  }
}
