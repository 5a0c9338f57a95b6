package dev.greeter.guard.autoconfigure;

import dev.greeter.guard.InvalidSettingException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Describes the problem with a setting and what to set instead, never its value. */
final class InvalidSettingFailureAnalyzer extends AbstractFailureAnalyzer<InvalidSettingException> {

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, InvalidSettingException refused) {
    return new FailureAnalysis(refused.getMessage(), refused.action(), refused);
  }
}
