package dev.greeter.cli.call;

import static java.util.concurrent.CompletableFuture.delayedExecutor;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Connects at once where gRPC would wait, after some failures for up to two minutes: the shell
 * keeps its channels, and a service that is back is to be found. It stands next to the channel.
 */
final class Reconnect implements ClientInterceptor {

  private static final long INTERVAL_MILLIS = 100;

  private final Duration patience;
  private final Consumer<ManagedChannel> inUse;

  /**
   * Creates it.
   *
   * @param patience how long a call waits for a connection (gRPC's wait-for-ready); a call with
   *     none fails as soon as an attempt to connect has
   * @param inUse is given the channel of each call
   */
  Reconnect(Duration patience, Consumer<ManagedChannel> inUse) {
    this.patience = patience;
    this.inUse = inUse;
  }

  @Override
  public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
      MethodDescriptor<ReqT, RespT> method, CallOptions options, Channel next) {
    if (next instanceof ManagedChannel channel) {
      inUse.accept(channel);
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
