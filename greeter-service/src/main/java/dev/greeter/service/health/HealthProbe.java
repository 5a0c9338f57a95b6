package dev.greeter.service.health;

import io.grpc.ManagedChannel;
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
import io.grpc.util.AdvancedTlsX509KeyManager;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.pem.PemContent;

/**
 * Asks the service on this machine for its health, as {@code grpc.health.v1.Health} answers it:
 * exit code 0 if it is serving, else 1 and a line on standard error. It does without Spring because
 * a container's health check starts it every few seconds.
 */
public final class HealthProbe {

  private static final Duration DEADLINE = Duration.ofSeconds(2);

  private HealthProbe() {}

  /**
   * Asks once.
   *
   * @param args none; the port and TLS are as the service has them, in the environment variables
   *     that begin with {@code GRPC_SERVER_}
   */
  public static void main(String[] args) {
    // Without Spring Boot nothing configures Logback, which then prints all that Netty has to say.
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    String port = System.getenv().getOrDefault("GRPC_SERVER_PORT", "50051");
    try {
      SslContext tls =
          Boolean.parseBoolean(System.getenv("GRPC_SERVER_SECURITY_ENABLED")) ? tls() : null;
      ServingStatus status = ask(Integer.parseInt(port), tls);
      if (status == ServingStatus.SERVING) {
        System.exit(0);
      }
      System.err.println("The service on port " + port + " says " + status + ".");
    } catch (StatusRuntimeException | IllegalArgumentException | IOException e) {
      System.err.println("No healthy service on port " + port + ": " + e.getMessage());
    }
    System.exit(1);
  }

  /**
   * Asks a service.
   *
   * @param port where it listens on the loopback interface
   * @param tls what to encrypt with; null for plaintext
   * @return what it says of itself
   * @throws StatusRuntimeException if it does not answer within two seconds
   */
  static ServingStatus ask(int port, @Nullable SslContext tls) {
    var builder =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .directExecutor();
    if (tls == null) {
      builder.usePlaintext();
    } else {
      builder.sslContext(tls);
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

  /**
   * TLS without a look at the server's certificate: the question is whether this machine's service
   * lives. A server that wants certificates of clients gets its own.
   */
  private static SslContext tls() throws IOException {
    var builder = SslContextBuilder.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE);
    if (!variable("CLIENT_AUTH", "none").equalsIgnoreCase("none")) {
      // The JVM's own would not show it to a server that trusts other CAs, and this one besides.
      var keys = new AdvancedTlsX509KeyManager();
      keys.updateIdentityCredentials(
          pem("CERTIFICATE_CHAIN").getCertificates().toArray(X509Certificate[]::new),
          pem("PRIVATE_KEY")
              .getPrivateKey(System.getenv("GRPC_SERVER_SECURITY_PRIVATE_KEY_PASSWORD")));
      builder.keyManager(keys);
    }
    return GrpcSslContexts.configure(builder, SslProvider.JDK).build();
  }

  private static PemContent pem(String name) throws IOException {
    return PemContent.load(Path.of(URI.create(variable(name, "file:/"))));
  }

  private static String variable(String name, String otherwise) {
    return System.getenv().getOrDefault("GRPC_SERVER_SECURITY_" + name, otherwise);
  }
}
