package dev.greeter.cli.call;

import dev.greeter.guard.InvalidSettingException;
import java.util.function.Consumer;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The settings for calls, validated on binding. A command's options override the first two.
 *
 * @param server the service's address, host:port
 * @param timeout the deadline of a call, such as 5s or 500ms
 * @param serviceConfig gRPC's service config for the channels, in JSON or YAML
 */
@ConfigurationProperties("greeter")
public record GreeterProperties(String server, String timeout, String serviceConfig) {

  /**
   * Checks the settings.
   *
   * @throws InvalidSettingException if one is invalid; the message does not show the value, which
   *     may be a misplaced secret
   */
  public GreeterProperties {
    check("server", server, Targets::parseServer);
    check("timeout", timeout, Targets::parseTimeout);
    check("service-config", serviceConfig, ChannelConfiguration::parse);
  }

  private static void check(String setting, String value, Consumer<String> parser) {
    try {
      parser.accept(value);
    } catch (IllegalArgumentException e) {
      throw new InvalidSettingException(setting, "is invalid: " + e.getMessage(), "another value");
    }
  }
}
