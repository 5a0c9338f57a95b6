package dev.greeter.service.error;

import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Says which setting cannot be read, and what can; Spring Boot's own analyzer names classes and
 * prints the value, which may be a secret that is in the wrong place.
 */
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
class UnreadableSettingFailureAnalyzer extends AbstractFailureAnalyzer<BindException> {

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, BindException cause) {
    Class<?> type = cause.getTarget().getType().resolve(Object.class);
    return InvalidSetting.isNot(cause.getName().toString(), InvalidSetting.wanted(type)).analysis();
  }
}
