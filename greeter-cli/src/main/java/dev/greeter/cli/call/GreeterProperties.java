package dev.greeter.cli.call;

import dev.greeter.guard.InvalidSettingException;
import java.util.function.Consumer;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Where calls go, and how long they may take, unless a command's options say otherwise; validated
 * when they are bound.
 *
 * @param server address of the service, host:port
 * @param timeout deadline of a call, such as 5s or 500ms
 * @param serviceConfig how channels behave: gRPC's service config, in JSON or YAML
 */
@ConfigurationProperties("greeter")
public record GreeterProperties(String server, String timeout, String serviceConfig) {

  /**
   * Checks the settings.
   *
   * @throws InvalidSettingException if one of them cannot be read; the message does not show it, as
   *     a secret may stand in the wrong place
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
