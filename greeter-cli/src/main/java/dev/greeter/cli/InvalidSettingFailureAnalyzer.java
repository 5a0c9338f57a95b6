package dev.greeter.cli;

import com.google.common.collect.ImmutableMap;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.error.RefusedSettingException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/**
 * Shows the message of a refused setting as it was written, or as JSON. Without it Spring Boot 4.1
 * asks its analyzer of bind failures first, which wraps the message in class names and says "Update
 * your application's configuration".
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
class InvalidSettingFailureAnalyzer extends AbstractFailureAnalyzer<RefusedSettingException> {

  /** The property that has the value of {@code --output}. */
  static final String FORMAT = "greeter.output";

  private final Environment environment;

  InvalidSettingFailureAnalyzer(Environment environment) {
    this.environment = environment;
  }

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, RefusedSettingException cause) {
    return analysis(cause, environment.getProperty(FORMAT));
  }

  /** Puts a refusal into the form that {@code --output} asks for. */
  static FailureAnalysis analysis(RefusedSettingException cause, @Nullable String format) {
    FailureAnalysis analysis = cause.analysis();
    if (!"json".equals(format)) {
      return analysis;
    }
    String message = analysis.getDescription() + "\n" + analysis.getAction();
    String object = Output.line(ImmutableMap.of("code", "USAGE", "message", message));
    return new FailureAnalysis(object, null, cause);
  }
}
