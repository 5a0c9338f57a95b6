package dev.greeter.guard.autoconfigure;

import dev.greeter.guard.InvalidSettingException;
import dev.greeter.guard.SecretCredentials;
import dev.greeter.guard.Secrets;
import io.grpc.ClientInterceptor;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.grpc.client.GlobalClientInterceptor;

/**
 * Auto-configuration of the secret that all channels of a {@code GrpcChannelFactory} send, with
 * {@code grpc.guard.client.secret-file}, including test-slice and in-process channels.
 */
@AutoConfiguration
@ConditionalOnClass(GlobalClientInterceptor.class)
@ConditionalOnProperty(GuardClientAutoConfiguration.SECRET_FILE)
@EnableConfigurationProperties(GuardClientProperties.class)
public final class GuardClientAutoConfiguration {

  static final String SECRET_FILE = GuardClientProperties.PREFIX + ".secret-file";

  /** Not injected by default where others need secrets; closed with the application. */
  @Bean(defaultCandidate = false)
  Secrets guardClientSecrets(GuardClientProperties properties) {
    return Secrets.inFile(SECRET_FILE, properties.secretFile());
  }

  @Bean
  @GlobalClientInterceptor
  ClientInterceptor guardClientInterceptor(
      GuardClientProperties properties, @Qualifier("guardClientSecrets") Secrets secrets) {
    return credentials(properties, secrets).interceptor();
  }

  private static SecretCredentials credentials(GuardClientProperties properties, Secrets secrets) {
    try {
      var credentials = SecretCredentials.of(secrets);
      if (properties.header() != null) {
        credentials = credentials.withHeader(properties.header());
      }
      return properties.allowPlaintext() ? credentials.allowPlaintext() : credentials;
    } catch (InvalidSettingException e) {
      throw e.withPrefix(GuardClientProperties.PREFIX); // From the header.
    } catch (IllegalArgumentException e) {
      throw new InvalidSettingException(
          SECRET_FILE,
          "names a file with a digest, which cannot be sent",
          "the path of a readable file that holds the secret itself");
    }
  }
}
