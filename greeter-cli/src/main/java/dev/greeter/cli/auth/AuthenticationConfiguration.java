package dev.greeter.cli.auth;

import com.google.common.collect.Iterables;
import dev.greeter.guard.InvalidSettingException;
import dev.greeter.guard.SecretCredentials;
import dev.greeter.guard.Secrets;
import io.grpc.ClientInterceptor;
import net.devh.boot.grpc.client.interceptor.GrpcGlobalClientInterceptor;
import net.devh.boot.grpc.common.util.InterceptorOrder;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
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
   * @throws InvalidSettingException if it cannot be used
   * @throws FailureAnalyzedException if it is set twice
   */
  @Bean
  Secrets secrets(AuthenticationProperties properties, Environment environment) {
    var sources = ConfigurationPropertySources.get(environment);
    String file = properties.valueFile();
    if (file == null) {
      // By a binder of its own: that of the properties would replace placeholders.
      String value = new Binder(sources).bind(VALUE, String.class).orElse("");
      return Secrets.of(InvalidSettingException.checkSecret(VALUE, value));
    }
    var name = ConfigurationPropertyName.of(VALUE);
    var values = Iterables.filter(sources, s -> s.getConfigurationProperty(name) != null);
    // One of them is the default in application.yml.
    if (Iterables.size(values) > 1) {
      throw new FailureAnalyzedException(
          "greeter.auth.value and greeter.auth.value-file (environment variables"
              + " GREETER_AUTH_VALUE and GREETER_AUTH_VALUE_FILE) are both set.",
          "Keep one of them: the shared secret, or the path of the file that holds it.");
    }
    return Secrets.inFile("greeter.auth.value-file", file);
  }

  /**
   * Adds the secret to every call; in clear text it stays on this machine, unless that is allowed.
   */
  @GrpcGlobalClientInterceptor
  @Order(InterceptorOrder.ORDER_SECURITY_AUTHENTICATION)
  ClientInterceptor authenticationInterceptor(
      AuthenticationProperties properties, Secrets secrets) {
    var credentials = SecretCredentials.of(secrets).withHeader(properties.header());
    return properties.allowPlaintext()
        ? credentials.allowPlaintext().interceptor()
        : credentials.interceptor();
  }
}
