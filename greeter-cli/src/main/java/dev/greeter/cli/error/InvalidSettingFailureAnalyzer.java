package dev.greeter.cli.error;

import com.google.common.collect.ImmutableMap;
import dev.greeter.cli.console.Output;
import java.util.List;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Shows the message of a refused setting as it was written, or as JSON. Without it Spring Boot 4.1
 * asks its analyzer of bind failures first, which wraps the message in class names and says "Update
 * your application's configuration".
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
class InvalidSettingFailureAnalyzer extends AbstractFailureAnalyzer<RefusedSettingException> {

  private final BeanFactory beans;

  InvalidSettingFailureAnalyzer(BeanFactory beans) {
    this.beans = beans;
  }

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, RefusedSettingException cause) {
    FailureAnalysis analysis = cause.analysis();
    var arguments = beans.getBeanProvider(ApplicationArguments.class).getIfAvailable();
    List<String> words = arguments == null ? List.of() : List.of(arguments.getSourceArgs());
    if (!"json".equals(Output.formatIn(words))) {
      return analysis;
    }
    String message = analysis.getDescription() + "\n" + analysis.getAction();
    String object = Output.line(ImmutableMap.of("code", "USAGE", "message", message));
    return new FailureAnalysis(object, null, cause);
  }
}
