package dev.greeter.service.server;

import static dev.greeter.service.server.ServerCertificates.PREFIX;
import static java.time.temporal.ChronoUnit.SECONDS;

import dev.greeter.guard.ExpiryWarnings;
import dev.greeter.guard.InvalidSettingException;
import dev.greeter.guard.WatchedFile;
import dev.greeter.service.telemetry.Telemetry;
import io.grpc.ServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.buffer.UnpooledByteBufAllocator;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2SecurityUtil;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import net.devh.boot.grpc.server.config.GrpcServerProperties.Security;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Configures the server's TLS if the settings enable it, and watches its files until it is closed.
 * It replaces the starter's TLS, which never reloads them.
 */
@Component
class ServerTls implements GrpcServerConfigurer, AutoCloseable {

  private static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");

  /** Cipher suites that HTTP/2 does not prohibit (RFC 9113, appendix A). */
  private static final List<String> CIPHERS = Http2SecurityUtil.CIPHERS;

  static {
    // Each renegotiation that a TLS 1.2 client starts costs a signature. HTTP/2 forbids it (RFC
    // 9113, section 9.2.1). The JVM reads this when it first serves TLS, which is here.
    System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
  }

  private final @Nullable WatchedFile<Tls> files;

  /** The state created from the files. */
  private record Tls(SslContext context, Map<String, Instant> ends) {}

  @Autowired
  ServerTls(GrpcServerProperties properties, Telemetry telemetry) {
    this(properties.getSecurity(), InstantSource.system());
    if (files != null) {
      telemetry.observe(
          "greeter.certificate.remaining",
          "s",
          "Time until the first certificate of the server expires",
          () -> Instant.now().until(Collections.min(files.get().ends().values()), SECONDS));
    }
  }

  ServerTls(Security settings, InstantSource clock) {
    if (!settings.isEnabled()) {
      files = null;
      return;
    }
    var certificates = new ServerCertificates(settings);
    var warnings = new ExpiryWarnings("certificates", clock);
    files =
        new WatchedFile<>(
            "the TLS files",
            certificates.files(),
            contents ->
                new Tls(
                    context(settings, certificates.context(contents)), certificates.ends(contents)),
            tls -> warnings.check(tls.ends()));
    // The starter would also read the files, with a library that supports fewer key types.
    settings.setEnabled(false);
  }

  /**
   * Builds a context with the JVM's TLS, not a native library's, so that it is the same on every
   * platform. Rejects unknown or incompatible versions and cipher suites.
   */
  static SslContext context(Security settings, SslContextBuilder builder) {
    List<String> versions = set(Stream.ofNullable(settings.getProtocols()).flatMap(Stream::of));
    List<String> ciphers = set(Stream.ofNullable(settings.getCiphers()).flatMap(List::stream));
    GrpcSslContexts.configure(builder, SslProvider.JDK)
        .clientAuth(ClientAuth.valueOf(settings.getClientAuth().name()))
        .protocols(versions.isEmpty() ? VERSIONS : versions);
    try {
      if (!ciphers.isEmpty()) {
        builder.ciphers(ciphers);
      }
      SslContext context = builder.build();
      context.newEngine(UnpooledByteBufAllocator.DEFAULT).beginHandshake();
      if (CIPHERS.containsAll(ciphers)) {
        return context;
      }
    } catch (SSLException | IllegalArgumentException e) {
      // Falls through: its message repeats the value.
    }
    throw ciphers.isEmpty()
        ? new InvalidSettingException(
            PREFIX + "protocols", "names an unsupported version", "one or more of " + VERSIONS)
        : new InvalidSettingException(
            PREFIX + "ciphers",
            "names a suite that is unsupported, at least with " + PREFIX + "protocols",
            "one or more of " + CIPHERS);
  }

  private static List<String> set(Stream<String> values) {
    return values.filter(value -> !value.isBlank()).toList();
  }

  @Override
  public void accept(ServerBuilder<?> server) {
    if (files != null && server instanceof NettyServerBuilder netty) {
      netty.sslContext(new ReloadingSslContext(() -> files.get().context()));
    }
  }

  @Override
  public void close() {
    if (files != null) {
      files.close();
    }
  }
}
