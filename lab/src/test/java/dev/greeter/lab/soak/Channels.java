package dev.greeter.lab.soak;

import com.google.common.primitives.Ints;
import com.google.gson.Gson;
import com.google.gson.reflect.TypeToken;
import io.grpc.ChannelCredentials;
import io.grpc.EquivalentAddressGroup;
import io.grpc.ManagedChannel;
import io.grpc.NameResolver;
import io.grpc.NameResolver.ResolutionResult;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.StatusOr;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The channels of a well-behaved client. */
final class Channels {

  private static final String SCHEME = "ports";

  static {
    NameResolverRegistry.getDefaultRegistry().register(new PortsProvider());
  }

  private Channels() {}

  static ManagedChannel to(ChannelCredentials credentials, int... ports) {
    String config = Objects.requireNonNull(System.getenv("GREETER_SERVICE_CONFIG"));
    return NettyChannelBuilder.forTarget(SCHEME + ":///" + Ints.join(",", ports), credentials)
        .defaultServiceConfig(new Gson().fromJson(config, new TypeToken<Map<String, ?>>() {}))
        .keepAliveTime(2, TimeUnit.MINUTES)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        .directExecutor()
        .build();
  }

  /** Resolves the addresses in the target, {@code ports:///20001,20002}. */
  private static final class PortsProvider extends NameResolverProvider {

    @Override
    public NameResolver newNameResolver(URI target, NameResolver.Args arguments) {
      var addresses =
          Stream.of(target.getPath().substring(1).split(","))
              .map(port -> new InetSocketAddress("127.0.0.1", Integer.parseInt(port)))
              .map(EquivalentAddressGroup::new)
              .toList();
      var result = ResolutionResult.newBuilder().setAddressesOrError(StatusOr.fromValue(addresses));
      return new NameResolver() {
        @Override
        public void start(Listener2 listener) {
          listener.onResult(result.build());
        }

        @Override
        public String getServiceAuthority() {
          return "127.0.0.1";
        }

        @Override
        public void shutdown() {}
      };
    }

    @Override
    public String getDefaultScheme() {
      return SCHEME;
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
