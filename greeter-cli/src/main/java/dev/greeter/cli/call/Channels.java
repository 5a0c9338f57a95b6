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
import java.util.concurrent.TimeUnit;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelFactory;
import net.devh.boot.grpc.client.config.GrpcChannelProperties;
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import net.devh.boot.grpc.client.config.NegotiationType;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.core.io.Resource;
import org.springframework.stereotype.Component;

/** Opens a channel to each service; the starter keeps it, so that a shell connects once. */
@Component
public class Channels {

  private static final String HEALTH_CHECK = "health-check";

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
   * @param target the service, and the headers of every call
   * @param interceptors more of them for every call
   * @throws UsageException if the files for TLS, or the service config, cannot be used
   */
  public Channel to(Target target, ClientInterceptor... interceptors) {
    return open(target, null, interceptors);
  }

  /** Returns a channel as {@link #to} does, which connects to a server whatever its health is. */
  public Channel forHealthCheck(Target target, ClientInterceptor... interceptors) {
    return open(target, HEALTH_CHECK, interceptors);
  }

  /** Returns whether the channel of a name is for the health check. */
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
    all.add(new Reconnect(target.waits() ? target.timeout() : Duration.ZERO));
    try {
      // The name is the address: a URI, in which the brackets of IPv6 are escaped. Its query, which
      // means nothing to gRPC, makes it another channel.
      String name = new URI("dns", "", "/" + target.server(), purpose, null).toString();
      return factory.createChannel(name, all);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    } catch (IllegalArgumentException e) {
      // The starter's message names the half of TLS.
      boolean trust = String.valueOf(e.getMessage()).contains("TrustStore");
      throw new UsageException(
          trust
              ? source(StartOptions.CACERT) + ": not a certificate. Use a file in PEM."
              : "%s and %s: not a certificate and its key. Use files in PEM, the key in PKCS #8."
                  .formatted(source(StartOptions.CERT), source(StartOptions.KEY)));
    } catch (IllegalStateException e) {
      throw new UsageException(
          "GREETER_SERVICE_CONFIG is not a valid gRPC service config."
              + " Set it to one in JSON, as in gRPC's documentation.");
    }
  }

  private void check(String property, @Nullable Resource file) {
    if (useTls() && file != null && !file.isReadable()) {
      throw new UsageException(source(property) + ": no readable file. Use a file in PEM.");
    }
  }

  private String source(String property) {
    Setting setting = StartOptions.find(property, environment);
    return setting == null ? property : setting.source();
  }

  /**
   * Connects at once where gRPC would wait, after some failures for up to two minutes: a shell
   * keeps its channels, and has to find a service that is back. It stands next to the channel.
   *
   * @param patience how long a call waits for a connection (gRPC's wait-for-ready); zero fails a
   *     call as soon as an attempt to connect has failed
   */
  private record Reconnect(Duration patience) implements ClientInterceptor {

    private static final long INTERVAL_MILLIS = 100;

    @Override
    public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
        MethodDescriptor<ReqT, RespT> method, CallOptions options, Channel next) {
      if (next instanceof ManagedChannel channel) {
        connect(channel, System.nanoTime() + patience.toNanos());
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
