package dev.greeter.service.settings;

import com.google.common.base.Throwables;
import dev.greeter.guard.setting.InvalidSettingException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Says which setting cannot be used, and what can; Spring Boot's own analyzer names classes and
 * prints the value, which may be a secret that is in the wrong place.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
public final class RefusedSettingFailureAnalyzer implements FailureAnalyzer {

  @Override
  public @Nullable FailureAnalysis analyze(Throwable failure) {
    InvalidSettingException refused = refused(failure);
    return refused == null ? null : analysis(refused);
  }

  /**
   * Finds the setting that a failure is about.
   *
   * @return what is wrong with it; null if the failure is about none
   */
  public static @Nullable InvalidSettingException refused(Throwable failure) {
    BindException bound = null;
    InvalidSettingException refused = null;
    for (Throwable cause : Throwables.getCausalChain(failure)) {
      bound = cause instanceof BindException e ? e : bound;
      refused = cause instanceof InvalidSettingException e ? e : refused;
    }
    if (bound == null) {
      return refused;
    }
    if (refused == null) {
      Class<?> type = bound.getTarget().getType().resolve(Object.class);
      refused = InvalidSettingException.isNot("", InvalidSettingException.wanted(type));
    }
    return refused.under(bound.getName().toString());
  }

  /** Without the failure that led to it, which Spring Boot would print in debug mode. */
  static FailureAnalysis analysis(InvalidSettingException refused) {
    return new FailureAnalysis(refused.getMessage(), refused.action(), refused);
  }
}
