package dev.greeter.cli.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.greeter.cli.option.StartOptions;
import dev.greeter.cli.option.StartOptions.Setting;
import dev.greeter.guard.InvalidSettingException;
import dev.greeter.guard.SecretCredentials;
import dev.greeter.guard.Secrets;
import io.grpc.ClientInterceptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import net.devh.boot.grpc.client.interceptor.GrpcGlobalClientInterceptor;
import net.devh.boot.grpc.common.util.InterceptorOrder;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** Adds the secret to every channel. */
@Configuration(proxyBeanMethods = false)
class AuthenticationConfiguration {

  private static final String VALUE = "greeter.auth.value";

  /** Exceeds the maximum length of a secret. */
  private static final int MAX_BYTES = 8 * 1024;

  /** Long enough to unlock a password manager. */
  private static final int PATIENCE_SECONDS = 60;

  /** Rejects an invalid secret at startup, for every command. */
  @Bean
  static LazyInitializationExcludeFilter secretsFromTheStart() {
    return LazyInitializationExcludeFilter.forBeanTypes(Secrets.class);
  }

  /**
   * Returns the secret from {@code --secret-file}, {@code GREETER_AUTH_VALUE_FILE} or {@code
   * GREETER_AUTH_VALUE}, in this order, or else the default.
   *
   * @throws InvalidSettingException if it cannot be used
   */
  @Bean
  Secrets secrets(Environment environment) {
    Setting secret = StartOptions.secret(environment);
    if (secret == null) {
      return Secrets.of(environment.getRequiredProperty(VALUE));
    }
    if (!secret.isSecretFile()) {
      return Secrets.of(InvalidSettingException.checkSecret(VALUE, secret.value()));
    }
    boolean standardInput = secret.value().equals("-");
    if (!standardInput && !isPipe(secret.value())) {
      return Secrets.inFile(secret.source(), secret.value());
    }
    return Secrets.of(read(secret));
  }

  private static boolean isPipe(String path) {
    try {
      return Files.readAttributes(Path.of(path), BasicFileAttributes.class).isOther();
    } catch (IOException | InvalidPathException e) {
      return false; // Secrets.inFile() reports the problem.
    }
  }

  /** Reads a pipe once, on a daemon thread so that the program can exit. */
  private static String read(Setting secret) {
    var content =
        CompletableFuture.supplyAsync(
                () -> {
                  boolean standardInput = secret.value().equals("-");
                  try (InputStream in =
                      standardInput ? System.in : Files.newInputStream(Path.of(secret.value()))) {
                    return new String(in.readNBytes(MAX_BYTES), UTF_8);
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                })
            .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS);
    try {
      return InvalidSettingException.checkSecret("", content.join().replaceFirst("\\R$", ""));
    } catch (CompletionException e) {
      boolean late = e.getCause() instanceof TimeoutException;
      String timeout = "provided no secret within %d s".formatted(PATIENCE_SECONDS);
      throw refused(secret, late ? timeout : "cannot be read");
    } catch (InvalidSettingException e) {
      throw refused(secret, "provides a secret that " + e.problem());
    }
  }

  private static InvalidSettingException refused(Setting secret, String problem) {
    return new InvalidSettingException(
        secret.source(), problem, "a file or a pipe with the secret");
  }

  /**
   * Adds the secret to every call. Without TLS, it is sent to this machine only, unless allowed.
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
