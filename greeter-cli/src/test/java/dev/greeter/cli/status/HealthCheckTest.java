package dev.greeter.cli.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.HostAndPort;
import dev.greeter.cli.call.Channels;
import dev.greeter.cli.call.Target;
import dev.greeter.cli.call.TlsFiles;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelFactory;
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The health check on a channel that has waited for its server for a long time. */
class HealthCheckTest {

  private final WaitingChannel channel = new WaitingChannel();

  @AfterEach
  void closeChannel() {
    channel.shutdownNow();
  }

  @Test
  void connectsAtOnceWhateverHeadersTheUserAdds() {
    ask(target());

    assertThat(channel.resets).hasValue(1);
  }

  @Test
  void connectsAgainAndAgainWhileACallWaits() {
    Status status = ask(target().waiting()).status();

    assertThat(status.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(channel.resets).hasValueGreaterThan(2);
  }

  private HealthCheck.Answer ask(Target target) {
    var settings = new GrpcChannelsProperties();
    return new HealthCheck(new Channels(new OneChannel(), settings, new TlsFiles(settings)))
        .ask(target);
  }

  private static Target target() {
    var headers = new Metadata();
    headers.put(Metadata.Key.of("x-trial", Metadata.ASCII_STRING_MARSHALLER), "1");
    return new Target(
        HostAndPort.fromParts("nobody", 1),
        Duration.ofSeconds(1),
        List.of(MetadataUtils.newAttachHeadersInterceptor(headers)),
        false);
  }

  /** Leads to no server, and counts how often it is told not to wait. */
  private static final class WaitingChannel extends ManagedChannel {
    private final ManagedChannel nowhere = InProcessChannelBuilder.forName("nowhere").build();
    private final AtomicInteger resets = new AtomicInteger();

    @Override
    public ConnectivityState getState(boolean requestConnection) {
      return ConnectivityState.TRANSIENT_FAILURE;
    }

    @Override
    public void resetConnectBackoff() {
      resets.incrementAndGet();
    }

    @Override
    public <ReqT, RespT> ClientCall<ReqT, RespT> newCall(
        MethodDescriptor<ReqT, RespT> method, CallOptions options) {
      return nowhere.newCall(method, options);
    }

    @Override
    public String authority() {
      return nowhere.authority();
    }

    @Override
    public ManagedChannel shutdown() {
      return nowhere.shutdown();
    }

    @Override
    public ManagedChannel shutdownNow() {
      return nowhere.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
      return nowhere.isShutdown();
    }

    @Override
    public boolean isTerminated() {
      return nowhere.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
      return nowhere.awaitTermination(timeout, unit);
    }
  }

  /** Puts interceptors on the channel in the order of the starter's factory. */
  private final class OneChannel implements GrpcChannelFactory {
    @Override
    public Channel createChannel(
        String name, List<ClientInterceptor> interceptors, boolean sortInterceptors) {
      return ClientInterceptors.interceptForward(channel, interceptors);
    }

    @Override
    public Map<String, ConnectivityState> getConnectivityState() {
      return Map.of();
    }

    @Override
    public void close() {}
  }
}
