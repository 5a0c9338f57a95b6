package dev.greeter.cli.auth;

import com.google.common.collect.Iterables;
import dev.greeter.cli.error.RefusedSettingException;
import dev.greeter.cli.error.UsageException;
import dev.greeter.guard.AuthenticationClientInterceptor;
import dev.greeter.guard.Secrets;
import dev.greeter.guard.setting.InvalidSettingException;
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import net.devh.boot.grpc.client.config.NegotiationType;
import net.devh.boot.grpc.client.interceptor.GrpcGlobalClientInterceptor;
import net.devh.boot.grpc.common.util.InterceptorOrder;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** Puts the secret on every channel. */
@Configuration(proxyBeanMethods = false)
class AuthenticationConfiguration {

  private static final String VALUE = "greeter.auth.value";

  /** A secret that cannot be used is refused whatever the command. */
  @Bean
  static LazyInitializationExcludeFilter secretsFromTheStart() {
    return LazyInitializationExcludeFilter.forBeanTypes(Secrets.class);
  }

  /**
   * Takes the secret from its file if one is named, else as it stands in the settings.
   *
   * @throws RefusedSettingException if it cannot be used, or is set twice; the message names the
   *     property, its environment variable and what to set, never the value
   */
  @Bean
  Secrets secrets(AuthenticationProperties properties, Environment environment) {
    var sources = ConfigurationPropertySources.get(environment);
    String file = properties.valueFile();
    if (file == null) {
      // By a binder of its own: that of the properties would replace placeholders.
      String value = new Binder(sources).bind(VALUE, String.class).orElse("");
      return RefusedSettingException.orRefuse(
          () -> Secrets.of(InvalidSettingException.checkSecret(VALUE, value), null));
    }
    var name = ConfigurationPropertyName.of(VALUE);
    var values = Iterables.filter(sources, s -> s.getConfigurationProperty(name) != null);
    // One of them is the default in application.yml.
    if (Iterables.size(values) > 1) {
      throw new RefusedSettingException(
          "greeter.auth.value and greeter.auth.value-file (environment variables"
              + " GREETER_AUTH_VALUE and GREETER_AUTH_VALUE_FILE) are both set.",
          "Keep one of them: the shared secret, or the path of the file that holds it.");
    }
    return RefusedSettingException.orRefuse(() -> Secrets.inFile("greeter.auth.value-file", file));
  }

  @GrpcGlobalClientInterceptor
  @Order(InterceptorOrder.ORDER_SECURITY_AUTHENTICATION)
  AuthenticationClientInterceptor authenticationInterceptor(
      AuthenticationProperties properties, Secrets secrets, GrpcChannelsProperties channels) {
    boolean encrypted = channels.getGlobalChannel().getNegotiationType() == NegotiationType.TLS;
    return encrypted || properties.allowPlaintext()
        ? new AuthenticationClientInterceptor(properties.header(), secrets)
        : new AuthenticationClientInterceptor(
            properties.header(), secrets, AuthenticationConfiguration::inClearText);
  }

  private static UsageException inClearText(String authority) {
    return new UsageException(
        """
        The secret would go to %s in clear text, for everybody on the way to read.
        Use TLS (GRPC_CLIENT_GLOBAL_NEGOTIATION_TYPE=tls), or set GREETER_AUTH_ALLOW_PLAINTEXT=true \
        on a network that you trust.\
        """
            .formatted(authority));
  }
}
