package dev.greeter.cli.error;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Shows the message of a refused setting as it was written. Without it Spring Boot 4.1 asks its
 * analyzer of bind failures first, which wraps the message in class names and says "Update your
 * application's configuration".
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
class InvalidSettingFailureAnalyzer extends AbstractFailureAnalyzer<RefusedSettingException> {

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, RefusedSettingException cause) {
    return cause.analysis();
  }
}
