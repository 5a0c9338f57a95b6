package dev.greeter.cli.call;

import static java.util.concurrent.CompletableFuture.delayedExecutor;

import dev.greeter.cli.console.UsageException;
import dev.greeter.cli.option.StartOptions;
import dev.greeter.cli.option.StartOptions.Setting;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelFactory;
import net.devh.boot.grpc.client.config.GrpcChannelProperties;
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import net.devh.boot.grpc.client.config.NegotiationType;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.core.io.Resource;
import org.springframework.stereotype.Component;

/** Opens a channel to each service. The starter caches it, so a shell connects only once. */
@Component
public class Channels {

  private static final String HEALTH_CHECK = "health-check";

  /** The interval between lookups of a name's addresses. */
  private static final long LOOKUP_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** The time of each channel's last name lookup. */
  private final Map<ManagedChannel, Long> lookups = new ConcurrentHashMap<>();

  private final GrpcChannelFactory factory;
  private final GrpcChannelProperties settings;
  private final Environment environment;

  Channels(GrpcChannelFactory factory, GrpcChannelsProperties settings, Environment environment) {
    this.factory = factory;
    this.settings = settings.getGlobalChannel();
    this.environment = environment;
  }

  /** Returns whether channels are encrypted. */
  public boolean useTls() {
    return settings.getNegotiationType() == NegotiationType.TLS;
  }

  /**
   * Returns the channel to a service.
   *
   * @param target the service and the headers of every call
   * @param interceptors additional interceptors
   * @throws UsageException if the TLS files or the service config are invalid
   */
  public Channel to(Target target, ClientInterceptor... interceptors) {
    return open(target, null, interceptors);
  }

  /** Returns a channel like {@link #to}, but connects to a server even if it is unhealthy. */
  public Channel forHealthCheck(Target target, ClientInterceptor... interceptors) {
    return open(target, HEALTH_CHECK, interceptors);
  }

  /** Returns whether a channel name belongs to a health check. */
  static boolean isForHealthCheck(String name) {
    return name.endsWith("?" + HEALTH_CHECK);
  }

  private Channel open(Target target, @Nullable String purpose, ClientInterceptor... interceptors) {
    if (settings.getAddress() != null) {
      throw new UsageException(
          "GRPC_CLIENT_GLOBAL_ADDRESS would override every other address. Unset it.");
    }
    var security = settings.getSecurity();
    check(StartOptions.CACERT, security.getTrustCertCollection());
    if (Boolean.TRUE.equals(security.isClientAuthEnabled())) {
      check(StartOptions.CERT, security.getCertificateChain());
      check(StartOptions.KEY, security.getPrivateKey());
    }
    List<ClientInterceptor> all = new ArrayList<>(target.interceptors());
    all.addAll(List.of(interceptors));
    all.add(new Reconnect(target.waits() ? target.timeout() : Duration.ZERO, lookups));
    try {
      // The name is the address, as a URI with escaped IPv6 brackets. gRPC ignores the query; it
      // only distinguishes the channels.
      String name = new URI("dns", "", "/" + target.server(), purpose, null).toString();
      return factory.createChannel(name, all);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    } catch (IllegalArgumentException e) {
      // Only the starter's message shows which file is invalid.
      boolean trust = String.valueOf(e.getMessage()).contains("TrustStore");
      throw new UsageException(
          trust
              ? source(StartOptions.CACERT) + ": not a certificate. Use a PEM file."
              : "%s and %s: not a certificate and its key. Use PEM files, with the key in PKCS #8."
                  .formatted(source(StartOptions.CERT), source(StartOptions.KEY)));
    } catch (IllegalStateException e) {
      throw new UsageException(
          "GREETER_SERVICE_CONFIG is not a valid gRPC service config."
              + " Set it to one in JSON, as in gRPC's documentation.");
    }
  }

  private void check(String property, @Nullable Resource file) {
    if (useTls() && file != null && !file.isReadable()) {
      throw new UsageException(
          source(property) + ": no readable file. Use a PEM file, such as file:/path/ca.pem.");
    }
  }

  private String source(String property) {
    Setting setting = StartOptions.find(property, environment);
    return setting == null ? property : setting.source();
  }

  /**
   * Reconnects immediately, whereas gRPC waits for up to two minutes after several failures: a
   * shell keeps its channels and must find a service that is back. It also looks for new replicas,
   * whereas gRPC waits until a connection ends. It must be the interceptor closest to the channel.
   *
   * @param patience how long a call waits for a connection (gRPC's wait-for-ready); if zero, a call
   *     fails with the first failed connection attempt
   * @param lookups the time of each channel's last name lookup
   */
  private record Reconnect(Duration patience, Map<ManagedChannel, Long> lookups)
      implements ClientInterceptor {

    private static final long INTERVAL_MILLIS = 100;

    @Override
    public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
        MethodDescriptor<ReqT, RespT> method, CallOptions options, Channel next) {
      if (next instanceof ManagedChannel channel) {
        long now = System.nanoTime();
        Long last = lookups.putIfAbsent(channel, now);
        if (last != null && now - last > LOOKUP_NANOS && lookups.replace(channel, last, now)) {
          channel.resetConnectBackoff(); // This also repeats the lookup.
        }
        connect(channel, now + patience.toNanos());
      }
      return next.newCall(method, patience.isZero() ? options : options.withWaitForReady());
    }

    private static void connect(ManagedChannel channel, long until) {
      ConnectivityState state = channel.getState(false);
      if (state == ConnectivityState.TRANSIENT_FAILURE) {
        channel.resetConnectBackoff();
      }
      if (state != ConnectivityState.READY && System.nanoTime() - until < 0) {
        delayedExecutor(INTERVAL_MILLIS, TimeUnit.MILLISECONDS)
            .execute(() -> connect(channel, until));
      }
    }
  }
}
