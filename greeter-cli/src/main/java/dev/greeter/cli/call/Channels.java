package dev.greeter.cli.call;

import dev.greeter.cli.error.UsageException;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelFactory;
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Opens channels, and keeps them, so that a shell connects once to each server; and once more when
 * the files for TLS have changed.
 */
@Component
public class Channels {

  private static final String HEALTH_CHECK = "health-check";

  private final GrpcChannelFactory factory;
  private final GrpcChannelsProperties channels;
  private final TlsFiles files;
  private final Map<String, ManagedChannel> inUse = new HashMap<>();

  /**
   * Creates it.
   *
   * @param factory the starter's, which puts the secret on every channel
   * @param channels the starter's settings
   * @param files what TLS is made from
   */
  public Channels(GrpcChannelFactory factory, GrpcChannelsProperties channels, TlsFiles files) {
    this.factory = factory;
    this.channels = channels;
    this.files = files;
  }

  /**
   * Returns the channel to a service.
   *
   * @param target the service, and the headers of every call
   * @param interceptors what else every call goes through
   * @throws UsageException if the files for TLS, or the service config, cannot be used
   */
  public Channel to(Target target, ClientInterceptor... interceptors) {
    return open(target, null, interceptors);
  }

  /** Returns a channel as {@link #to} does, which leads to a server whatever its health is. */
  public Channel forHealthCheck(Target target, ClientInterceptor... interceptors) {
    return open(target, HEALTH_CHECK, interceptors);
  }

  /** Tells whether the channel of a name is for the health check. */
  static boolean isForHealthCheck(String name) {
    return name.contains("?" + HEALTH_CHECK);
  }

  private Channel open(Target target, @Nullable String purpose, ClientInterceptor... interceptors) {
    if (channels.getGlobalChannel().getAddress() != null) {
      throw new UsageException(
          """
          grpc.client.GLOBAL.address (environment variable GRPC_CLIENT_GLOBAL_ADDRESS) is set, which \
          would count before any other address.
          Unset it, and name the service by GREETER_SERVER or --server host:port.\
          """);
    }
    List<ClientInterceptor> all = new ArrayList<>(target.interceptors());
    all.addAll(List.of(interceptors));
    String address = name(target, purpose, null);
    all.add(
        new Reconnect(
            target.waits() ? target.timeout() : Duration.ZERO,
            channel -> closeReplaced(address, channel)));
    try {
      return factory.createChannel(name(target, purpose, files.version()), all);
    } catch (IllegalArgumentException e) {
      throw files.refused(e);
    } catch (IllegalStateException e) {
      throw new UsageException(
          """
          greeter.service-config (environment variable GREETER_SERVICE_CONFIG) is none of gRPC's.
          Set GREETER_SERVICE_CONFIG to a service config as gRPC's documentation has it, in JSON.\
          """);
    }
  }

  /** Closes the channel that another one replaces; gRPC lets its calls finish. */
  private synchronized void closeReplaced(String address, ManagedChannel used) {
    ManagedChannel before = inUse.put(address, used);
    if (before != null && before != used) {
      before.shutdown();
    }
  }

  /**
   * The channel's name is its address: a URI, in which the brackets of IPv6 are escaped. Its query
   * and fragment, which are of no meaning to gRPC, make another channel of it.
   */
  private static String name(Target target, @Nullable String purpose, @Nullable String version) {
    try {
      return new URI("dns", "", "/" + target.server(), purpose, version).toString();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
