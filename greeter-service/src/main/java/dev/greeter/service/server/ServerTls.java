package dev.greeter.service.server;

import static dev.greeter.service.server.ServerCertificates.PREFIX;

import dev.greeter.guard.ExpiryWarnings;
import dev.greeter.guard.InvalidSettingException;
import dev.greeter.guard.WatchedFile;
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
 * Puts TLS on the server if the settings want it, in place of the starter's own, which stays as it
 * was at the start; and follows its files until it is closed.
 */
@Component
class ServerTls implements GrpcServerConfigurer, AutoCloseable {

  private static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");

  /** Those that HTTP/2 does not warn of (RFC 9113, appendix A). */
  private static final List<String> CIPHERS = Http2SecurityUtil.CIPHERS;

  static {
    // Of TLS 1.2 on a client's demand, at the cost of a signature each time. HTTP/2 forbids it (RFC
    // 9113, section 9.2.1). The JVM looks when it serves TLS for the first time, which is here.
    System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
  }

  private final @Nullable WatchedFile<Tls> files;

  /** What the files make. */
  private record Tls(SslContext context, Map<String, Instant> ends) {}

  @Autowired
  ServerTls(GrpcServerProperties properties) {
    this(properties.getSecurity(), InstantSource.system());
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
            "the files for TLS",
            certificates.files(),
            contents ->
                new Tls(
                    context(settings, certificates.context(contents)), certificates.ends(contents)),
            tls -> warnings.check(tls.ends()));
    // Or the starter would read the files, too, with a library that takes fewer kinds of keys.
    settings.setEnabled(false);
  }

  /**
   * Has the JVM serve TLS, and not a native library, so that it is the same wherever it runs; and
   * refuse versions and cipher suites that it does not know, or that do not go together.
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
            PREFIX + "protocols", "names one that cannot be used", "one or more of " + VERSIONS)
        : new InvalidSettingException(
            PREFIX + "ciphers",
            "names one that cannot be used, or not with " + PREFIX + "protocols",
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
