package dev.greeter.service.error;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains a port that cannot be listened on; Spring Boot's own analyzer knows web servers only.
 */
class PortFailureAnalyzer extends AbstractFailureAnalyzer<IOException> {

  @Override
  protected @Nullable FailureAnalysis analyze(Throwable rootFailure, IOException cause) {
    String message = cause.getMessage();
    if (message == null || !message.startsWith("Failed to bind to address")) {
      return null;
    }
    return new FailureAnalysis(
        message + ": " + rootFailure(cause) + ".",
        "Stop what listens there, or set GRPC_SERVER_PORT to a port that is free.",
        cause);
  }

  private static @Nullable String rootFailure(IOException cause) {
    return cause.getCause() == null ? null : cause.getCause().getMessage();
  }
}
