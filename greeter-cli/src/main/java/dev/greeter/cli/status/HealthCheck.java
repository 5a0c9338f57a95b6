package dev.greeter.cli.status;

import dev.greeter.cli.call.Channels;
import dev.greeter.cli.call.Target;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Asks a server for its health, as {@code grpc.health.v1.Health} has it. */
@Component
public class HealthCheck {

  /** How a call ends that no gRPC server has answered; grpc-java calls other protocols INTERNAL. */
  private static final Set<Status.Code> UNANSWERED =
      Set.of(
          Status.Code.UNAVAILABLE,
          Status.Code.DEADLINE_EXCEEDED,
          Status.Code.CANCELLED,
          Status.Code.INTERNAL,
          Status.Code.UNKNOWN);

  private final Channels channels;

  /**
   * Creates it.
   *
   * @param channels opens the channels
   */
  public HealthCheck(Channels channels) {
    this.channels = channels;
  }

  /**
   * What came back.
   *
   * @param health {@code SERVING}, {@code NOT_SERVING}, or another word of the server or for it
   * @param status how the call ended
   * @param peer IP address and port of the server; null if there is no connection
   * @param roundTrip time from the request to the answer
   */
  public record Answer(String health, Status status, @Nullable String peer, Duration roundTrip) {

    /** Tells whether a gRPC server has answered, be it that it knows nothing of health. */
    public boolean answered() {
      return !UNANSWERED.contains(status.getCode());
    }

    /** Tells whether the server says that it should get no calls. */
    public boolean refuses() {
      return health.equals("NOT_SERVING");
    }
  }

  /**
   * Asks.
   *
   * @param target which server, and how long to wait
   * @return its answer, or why there is none
   */
  public Answer ask(Target target) {
    var peer = new PeerInterceptor();
    Status status = Status.OK;
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
      status = e.getStatus();
      health = status.getCode() == Status.Code.UNIMPLEMENTED ? "not told" : "unknown";
    }
    return new Answer(health, status, peer.address(), Duration.ofNanos(System.nanoTime() - start));
  }
}
