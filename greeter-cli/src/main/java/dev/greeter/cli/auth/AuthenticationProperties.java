package dev.greeter.cli.auth;

import dev.greeter.guard.InvalidSettingException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How the secret is sent, validated when it is bound. The secret itself, {@code
 * greeter.auth.value}, is not among them: it is taken as it stands, and these have what looks like
 * a placeholder replaced.
 *
 * @param header metadata header that carries the secret
 * @param valueFile path of a file that holds the secret, in place of greeter.auth.value
 * @param allowPlaintext whether the secret may leave this machine without TLS
 */
@ConfigurationProperties("greeter.auth")
public record AuthenticationProperties(
    String header, @Nullable String valueFile, boolean allowPlaintext) {

  /**
   * Checks the settings; the file is looked at when the secret is taken from it.
   *
   * @throws InvalidSettingException if gRPC cannot carry the header; the message does not show it
   */
  public AuthenticationProperties {
    InvalidSettingException.checkHeader("header", header);
  }

  /** Returns the settings without the path, in whose place the secret may stand. */
  @Override
  public String toString() {
    return "AuthenticationProperties[header=%s, valueFile=<hidden>]".formatted(header);
  }
}
