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

/** Checks a server's health with {@code grpc.health.v1.Health}. */
@Component
public class HealthCheck {

  private final Channels channels;

  HealthCheck(Channels channels) {
    this.channels = channels;
  }

  /**
   * The result of a health check.
   *
   * @param health the answer, such as {@code SERVING}; else "not supported" or "unknown"
   * @param failure the call's failure; null if there was none
   * @param peer the server's IP address and port; null if there was no connection
   * @param roundTrip the time from the request to the answer
   */
  public record Answer(
      String health, @Nullable StatusException failure, @Nullable String peer, Duration roundTrip) {

    /** Returns whether a gRPC server answered, even if it has no health service. */
    public boolean isAnswered() {
      return failure == null || Diagnosis.isAnswered(failure.getStatus());
    }

    /** Returns whether the server reports {@code NOT_SERVING}. */
    public boolean isNotServing() {
      return health.equals("NOT_SERVING");
    }
  }

  /**
   * Sends a health check.
   *
   * @param target the server and the timeout
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

  /** Keeps the last call to read its server's address. */
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
