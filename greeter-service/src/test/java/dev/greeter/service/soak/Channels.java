package dev.greeter.service.soak;

import com.google.gson.Gson;
import com.google.gson.reflect.TypeToken;
import io.grpc.ChannelCredentials;
import io.grpc.EquivalentAddressGroup;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.StatusOr;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The channels of a well-behaved client. */
final class Channels {

  /**
   * What a client does about replicas that fail: as {@code greeter-cli}, with two differences. It
   * asks for the replicas' health. And a replica that is there but silent ends no attempt, so that
   * a retry never comes: hedging asks another one after a second, and a replica that has answered
   * less than half of its attempts is left out for ten.
   */
  private static final String SERVICE_CONFIG =
      """
      {
        "loadBalancingConfig": [{"outlier_detection_experimental": {
          "interval": "1s",
          "baseEjectionTime": "10s",
          "maxEjectionPercentage": 50,
          "failurePercentageEjection": {"threshold": 50, "minimumHosts": 2, "requestVolume": 10},
          "childPolicy": [{"round_robin": {}}]
        }}],
        "healthCheckConfig": {"serviceName": ""},
        "methodConfig": [{
          "name": [{"service": "tutorial.Greeter", "method": "Greet"}],
          "hedgingPolicy": {
            "maxAttempts": 5,
            "hedgingDelay": "1s",
            "nonFatalStatusCodes": ["UNAVAILABLE"]
          }
        }]
      }
      """;

  private static final String SCHEME = "ports";

  static {
    NameResolverRegistry.getDefaultRegistry().register(new PortsProvider());
  }

  private Channels() {}

  /** Returns a channel that is balanced over ports of the loopback interface. */
  static ManagedChannel plaintext(String ports) {
    return channel(ports, InsecureChannelCredentials.create());
  }

  /** Returns a channel with TLS that trusts the certificates of a file. */
  static ManagedChannel tls(String port, File trusted) throws IOException {
    return channel(port, TlsChannelCredentials.newBuilder().trustManager(trusted).build());
  }

  private static ManagedChannel channel(String ports, ChannelCredentials credentials) {
    String config =
        Optional.ofNullable(System.getenv("GREETER_SERVICE_CONFIG")).orElse(SERVICE_CONFIG);
    return NettyChannelBuilder.forTarget(SCHEME + ":///" + ports, credentials)
        .defaultServiceConfig(new Gson().fromJson(config, new TypeToken<Map<String, ?>>() {}))
        .overrideAuthority("127.0.0.1")
        .keepAliveTime(2, TimeUnit.MINUTES)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        .directExecutor()
        .build();
  }

  /** Takes the addresses out of the target, {@code ports:///20001,20002}. */
  private static final class PortsProvider extends NameResolverProvider {

    @Override
    public String getDefaultScheme() {
      return SCHEME;
    }

    @Override
    public NameResolver newNameResolver(URI target, NameResolver.Args arguments) {
      String ports = target.getPath().substring(1);
      return new NameResolver() {
        @Override
        public String getServiceAuthority() {
          return ports;
        }

        @Override
        public void start(Listener2 listener) {
          var addresses =
              Stream.of(ports.split(","))
                  .map(port -> new InetSocketAddress("127.0.0.1", Integer.parseInt(port)))
                  .map(EquivalentAddressGroup::new)
                  .toList();
          listener.onResult(
              ResolutionResult.newBuilder()
                  .setAddressesOrError(StatusOr.fromValue(addresses))
                  .build());
        }

        @Override
        public void shutdown() {}
      };
    }

    @Override
    protected boolean isAvailable() {
      return true;
    }

    @Override
    protected int priority() {
      return 5;
    }
  }
}
