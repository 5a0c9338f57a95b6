package dev.greeter.cli.command;

import dev.greeter.cli.call.Channels;
import dev.greeter.cli.call.Diagnosis;
import dev.greeter.cli.call.Target;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Grpc;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import io.grpc.StatusException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Asks a server for its health, by {@code grpc.health.v1.Health}. */
@Component
public class HealthCheck {

  private final Channels channels;

  HealthCheck(Channels channels) {
    this.channels = channels;
  }

  /**
   * What came back.
   *
   * @param health {@code SERVING}, {@code NOT_SERVING}, or another word of the server or for it
   * @param failure how the call failed; null if it did not
   * @param peer IP address and port of the server; null if there was no connection
   * @param roundTrip time from the request to the answer
   */
  public record Answer(
      String health, @Nullable StatusException failure, @Nullable String peer, Duration roundTrip) {

    /** Returns whether a gRPC server has answered, even if it has no health service. */
    public boolean isAnswered() {
      return failure == null || Diagnosis.isAnswered(failure.getStatus());
    }

    /** Returns whether the server asks for no calls. */
    public boolean isNotServing() {
      return health.equals("NOT_SERVING");
    }
  }

  /**
   * Asks.
   *
   * @param target which server, and how long to wait
   */
  public Answer ask(Target target) {
    var peer = new PeerInterceptor();
    StatusException failure = null;
    String health;
    long start = System.nanoTime();
    try {
      health =
          HealthGrpc.newBlockingV2Stub(channels.forHealthCheck(target, peer))
              .withDeadlineAfter(target.timeout())
              .check(HealthCheckRequest.getDefaultInstance())
              .getStatus()
              .name();
    } catch (StatusException e) {
      failure = e;
      health = e.getStatus().getCode() == Code.UNIMPLEMENTED ? "not supported" : "unknown";
    }
    return new Answer(health, failure, peer.address(), Duration.ofNanos(System.nanoTime() - start));
  }

  /** Keeps the last call, which knows the server that answered it. */
  private static final class PeerInterceptor implements ClientInterceptor {

    private volatile @Nullable ClientCall<?, ?> call;

    @Override
    public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
        MethodDescriptor<ReqT, RespT> method, CallOptions options, Channel next) {
      ClientCall<ReqT, RespT> made = next.newCall(method, options);
      call = made;
      return made;
    }

    @Nullable String address() {
      ClientCall<?, ?> last = call;
      if (last == null
          || !(last.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)
              instanceof InetSocketAddress peer)) {
        return null;
      }
      String ip = peer.getAddress().getHostAddress();
      return (ip.contains(":") ? "[" + ip + "]:" : ip + ":") + peer.getPort();
    }
  }
}
