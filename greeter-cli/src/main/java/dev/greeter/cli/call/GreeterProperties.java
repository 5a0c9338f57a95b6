package dev.greeter.cli.call;

import dev.greeter.cli.error.InvalidSettingException;
import java.util.function.Consumer;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Where calls go, and how long they may take, unless a command's options say otherwise; validated
 * when they are bound.
 *
 * @param server address of the service, {@code host:port}
 * @param timeout deadline of a call, such as {@code 5s} or {@code 500ms}
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
    check("greeter.server", "GREETER_SERVER", server, Targets::parseServer);
    check("greeter.timeout", "GREETER_TIMEOUT", timeout, Targets::parseTimeout);
    check(
        "greeter.service-config",
        "GREETER_SERVICE_CONFIG",
        serviceConfig,
        ChannelConfiguration::parse);
  }

  private static void check(
      String property, String variable, String value, Consumer<String> parser) {
    try {
      parser.accept(value);
    } catch (IllegalArgumentException e) {
      throw new InvalidSettingException(
          "%s (environment variable %s) is not %s.".formatted(property, variable, e.getMessage()),
          "Set %s to %s.".formatted(variable, e.getMessage()));
    }
  }
}
