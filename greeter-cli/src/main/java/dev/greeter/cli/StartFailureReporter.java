package dev.greeter.cli;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalysisReporter;

/** Prints why the program cannot start: two lines, in place of Spring Boot's page in the log. */
class StartFailureReporter implements FailureAnalysisReporter {

  @Override
  public void report(FailureAnalysis analysis) {
    System.err.println(analysis.getDescription());
    if (analysis.getAction() != null) {
      System.err.println(analysis.getAction());
    }
  }
}
