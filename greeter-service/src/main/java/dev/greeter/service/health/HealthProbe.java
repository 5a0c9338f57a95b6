package dev.greeter.service.health;

import com.google.common.net.InetAddresses;
import dev.greeter.guard.InvalidSettingException;
import dev.greeter.service.server.ServerCertificates;
import dev.greeter.service.settings.GrpcServerSettingsValidator;
import dev.greeter.settings.RefusedSettings;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.grpc.netty.shaded.io.netty.util.internal.logging.InternalLoggerFactory;
import io.grpc.netty.shaded.io.netty.util.internal.logging.JdkLoggerFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLException;
import net.devh.boot.grpc.server.config.ClientAuth;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import net.devh.boot.grpc.server.config.GrpcServerProperties.Security;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Checks the health of the service on this machine with {@code grpc.health.v1.Health}. Exits with 0
 * if it is serving, otherwise with 1 and a line on standard error. It starts no Spring context,
 * since a container's health check runs it every few seconds.
 */
public final class HealthProbe {

  private static final Duration DEADLINE = Duration.ofSeconds(2);

  /** The default in {@code application.yml}. */
  private static final int PORT = 50051;

  private HealthProbe() {}

  /**
   * Checks once.
   *
   * @param args none; the address and TLS settings come from the service's environment variables
   *     that start with {@code GRPC_SERVER_}
   */
  public static void main(String[] args) {
    // Without Spring Boot, Logback is not configured and would print all of Netty's messages.
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    try {
      ServingStatus status = ask(settings(System.getenv()));
      if (status == ServingStatus.SERVING) {
        System.exit(0);
      }
      System.err.println("The service reports " + status + ".");
    } catch (InvalidSettingException | BindException e) {
      var refused = Objects.requireNonNull(RefusedSettings.find(e));
      System.err.println(refused.getMessage());
    } catch (StatusRuntimeException | SSLException e) {
      System.err.println("No healthy service: " + Status.fromThrowable(e).getCode());
    }
    System.exit(1);
  }

  /** Reads the settings like the service, but only those that a probe needs. */
  static GrpcServerProperties settings(Map<String, String> environment) {
    var settings = new GrpcServerProperties();
    // Spring Boot maps A_BC to a.b-c only for a source with this name.
    String name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
    var variables = new SystemEnvironmentPropertySource(name, Map.copyOf(environment));
    var binder = new Binder(Objects.requireNonNull(ConfigurationPropertySource.from(variables)));
    BindHandler handler = new RefusedSettings().apply(BindHandler.DEFAULT);
    settings.setAddress(
        binder
            .bind("grpc.server.address", Bindable.of(String.class), handler)
            .orElse(settings.getAddress()));
    settings.setPort(binder.bind("grpc.server.port", Bindable.of(int.class), handler).orElse(PORT));
    binder.bind("grpc.server.security", Bindable.ofInstance(settings.getSecurity()), handler);
    GrpcServerSettingsValidator.checkAddress(settings);
    return settings;
  }

  static ServingStatus ask(GrpcServerProperties settings) throws SSLException {
    var builder =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(address(settings.getAddress()), settings.getPort()))
            .directExecutor();
    if (settings.getSecurity().isEnabled()) {
      builder.sslContext(tls(settings.getSecurity()));
    } else {
      builder.usePlaintext();
    }
    ManagedChannel channel = builder.build();
    try {
      return HealthGrpc.newBlockingStub(channel)
          .withDeadlineAfter(DEADLINE)
          .check(HealthCheckRequest.getDefaultInstance())
          .getStatus();
    } finally {
      channel.shutdownNow();
    }
  }

  /** Returns the loopback address if the service listens on all addresses. */
  static InetAddress address(String listening) {
    if (listening.equals(GrpcServerProperties.ANY_IP_ADDRESS)) {
      return InetAddress.getLoopbackAddress();
    }
    InetAddress address = InetAddresses.forString(listening);
    return address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address;
  }

  /**
   * Returns TLS that does not verify the server's certificate: the probe only checks that this
   * machine's service is alive. A server that requires client certificates receives its own.
   */
  private static SslContext tls(Security settings) throws SSLException {
    var builder = SslContextBuilder.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE);
    if (settings.getClientAuth() != ClientAuth.NONE) {
      // The JVM's own manager would not present it to a server that also trusts other CAs.
      builder.keyManager(new ServerCertificates(settings).identity());
    }
    return GrpcSslContexts.configure(builder, SslProvider.JDK).build();
  }
}
