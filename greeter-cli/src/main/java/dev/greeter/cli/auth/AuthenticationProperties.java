package dev.greeter.cli.auth;

import dev.greeter.guard.InvalidSettingException;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How the secret is sent, validated on binding. The secret itself is read elsewhere, verbatim:
 * binding would replace anything in it that looks like a placeholder.
 *
 * @param header the metadata header for the secret
 * @param allowPlaintext whether to send the secret to other machines without TLS
 */
@ConfigurationProperties("greeter.auth")
public record AuthenticationProperties(String header, boolean allowPlaintext) {

  /**
   * Checks the header.
   *
   * @throws InvalidSettingException if it is not a valid gRPC header; the message does not show it
   */
  public AuthenticationProperties {
    InvalidSettingException.checkHeader("header", header);
  }
}
