package dev.greeter.service.settings;

import com.google.common.base.Throwables;
import dev.greeter.guard.InvalidSettingException;
import dev.greeter.settings.RefusedSettings;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Explains why a port cannot be used; Spring Boot's own analyzer supports only web servers. */
class PortFailureAnalyzer extends AbstractFailureAnalyzer<IOException> {

  @Override
  protected @Nullable FailureAnalysis analyze(Throwable rootFailure, IOException cause) {
    if (!String.valueOf(cause.getMessage()).startsWith("Failed to bind to address")) {
      return null;
    }
    String reason = String.valueOf(Throwables.getRootCause(cause).getMessage());
    return RefusedSettings.analysis(
        reason.contains("Cannot assign requested address")
            ? InvalidSettingException.isNot("grpc.server.address", "an address of this machine")
            : new InvalidSettingException(
                "grpc.server.port",
                "cannot be used: " + reason,
                "a free port, or stop the program that uses it"));
  }
}
