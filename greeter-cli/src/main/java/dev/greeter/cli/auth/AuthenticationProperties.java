package dev.greeter.cli.auth;

import dev.greeter.guard.InvalidSettingException;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How the secret is sent, validated when it is bound. The secret itself is not among them: it is
 * taken verbatim, while these have what looks like a placeholder replaced.
 *
 * @param header metadata header that carries the secret
 * @param allowPlaintext whether the secret may leave this machine without TLS
 */
@ConfigurationProperties("greeter.auth")
public record AuthenticationProperties(String header, boolean allowPlaintext) {

  /**
   * Checks the header.
   *
   * @throws InvalidSettingException if gRPC cannot carry it; the message does not show it
   */
  public AuthenticationProperties {
    InvalidSettingException.checkHeader("header", header);
  }
}
