package dev.greeter.cli;

import com.google.common.base.Throwables;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Iterables;
import dev.greeter.cli.console.Output;
import dev.greeter.settings.RefusedSettings;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalysisReporter;
import org.springframework.boot.diagnostics.FailureAnalyzedException;

/**
 * Prints why the program cannot start: two lines in place of Spring Boot's page in the log; or
 * JSON, if that is asked for and a setting or an option is wrong.
 */
class StartFailureReporter implements FailureAnalysisReporter {

  /** The system property that has the value of {@code --output}. */
  static final String FORMAT = "greeter.output";

  @Override
  public void report(FailureAnalysis analysis) {
    String action = analysis.getAction();
    String message = analysis.getDescription() + (action == null ? "" : "\n" + action);
    boolean json = "json".equals(System.getProperty(FORMAT)) && isUsage(analysis.getCause());
    System.err.println(
        json ? Output.line(ImmutableMap.of("code", "USAGE", "message", message)) : message);
  }

  /** Returns whether a setting or an option is wrong, and not the program. */
  static boolean isUsage(Throwable failure) {
    return RefusedSettings.find(failure) != null
        || Iterables.any(
            Throwables.getCausalChain(failure), FailureAnalyzedException.class::isInstance);
  }
}
